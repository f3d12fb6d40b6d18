"""SqliteDatabase when the file is locked, broken or gone."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.persistence.repositories import (
    SqlConnectionRepository,
    SqlLinkTokenLedger,
)
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.storage import SqlStorage
from domain.errors import StorageUnavailable
from tests.adapters.sqlite_files import Work, a_storage, counted, execute
from tests.builders import ANNA, OURA, a_digest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    prepare_sqlite(tmp_path / "connections.db", staging=False)
    return tmp_path / "connections.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqlStorage]:
    async with a_storage(path, deadline=10.0) as database:
        yield database


@pytest.fixture
def work(database: SqlStorage) -> Work:
    return Work(database)


async def test_lock_of_another_process_is_waited_for(path: Path, work: Work) -> None:
    await work.mint("anna")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(work.record("anna"))
        await asyncio.sleep(0.05)
        other.execute("ROLLBACK")
        await waiting

    assert counted(path) == (1, 1, 1)


async def test_lock_that_is_held_too_long_is_unavailable_until_it_is_let_go(path: Path) -> None:
    async with a_storage(path, deadline=1.0) as database:
        work = Work(database)
        await work.mint("anna")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageUnavailable):
                await work.record("anna")
            assert counted(path) == (0, 0, 0)
            assert len(await database.read("SELECT 1")) == 1  # readers do not wait for writers
            other.execute("ROLLBACK")
        await work.mint("ben")
        assert counted(path) == (1, 1, 1)  # anna's caller gave up, which cancelled nothing
        await work.record("ben")

    assert counted(path) == (2, 2, 2)


async def test_transaction_that_fails_in_the_middle_leaves_nothing(path: Path, work: Work) -> None:
    await work.mint("anna")
    execute(path, "ALTER TABLE connection_events RENAME TO elsewhere")
    with pytest.raises(StorageUnavailable):
        await work.record("anna")
    execute(path, "ALTER TABLE elsewhere RENAME TO connection_events")
    assert counted(path) == (0, 0, 0)

    await work.record("anna")
    assert counted(path) == (1, 1, 1)


async def test_row_that_the_database_refuses_does_not_fail_its_neighbours(
    path: Path, work: Work
) -> None:
    names = ["anna", "refused", "ben"]
    await asyncio.gather(*map(work.mint, names))
    execute(
        path,
        "CREATE TRIGGER refusal BEFORE INSERT ON connection_events "
        "WHEN NEW.patient_id = 'refused' BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    outcomes = await asyncio.gather(*map(work.record, names), return_exceptions=True)

    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, True, False]
    assert counted(path) == (2, 2, 2)


async def test_row_that_the_database_refuses_is_an_error_that_the_port_promises(
    path: Path, work: Work
) -> None:
    await work.mint("anna")
    execute(
        path,
        "CREATE TRIGGER refusal BEFORE INSERT ON connection_events "
        "BEGIN SELECT RAISE(ABORT, 'no'); END",
    )
    with pytest.raises(StorageUnavailable):
        await work.record("anna")


async def test_reads_of_tables_that_are_gone_are_unavailable(
    path: Path, database: SqlStorage
) -> None:
    execute(path, "DROP TABLE connections")
    execute(path, "DROP TABLE link_tokens")

    with pytest.raises(StorageUnavailable):
        await SqlConnectionRepository(database).find(ANNA, OURA)
    with pytest.raises(StorageUnavailable):
        await SqlConnectionRepository(database).list_for(ANNA)
    with pytest.raises(StorageUnavailable):
        await SqlLinkTokenLedger(database).find(a_digest())


async def test_closed_database_is_unavailable(path: Path) -> None:
    async with a_storage(path, deadline=0.1) as database:
        pass

    with pytest.raises(StorageUnavailable):
        await database.check()
    with pytest.raises(StorageUnavailable):
        await Work(database).mint("anna")


async def test_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear SQLite, this is not a database. " * 100)

    with pytest.raises(StorageUnavailable):
        async with a_storage(path, deadline=10.0):
            pass
