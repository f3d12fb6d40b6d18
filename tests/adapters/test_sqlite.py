"""SqliteDatabase: what was acknowledged is in the file, and nothing is there by halves."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from adapters.persistence.sqlite import SqliteEngine
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.storage import SqlStorage
from tests.adapters.sqlite_files import Work, a_storage, counted, execute
from tests.builders import NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    prepare_sqlite(tmp_path / "connections.db", staging=False)
    return tmp_path / "connections.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[SqlStorage]:
    async with a_storage(path) as database:
        yield database


@pytest.fixture
def work(database: SqlStorage) -> Work:
    return Work(database)


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 5000)]
)
async def test_both_connections_keep_their_pragmas(path: Path, pragma: str, value: object) -> None:
    asked = f"PRAGMA {pragma}"
    async with SqliteEngine(path, clock=FixedClock(NOW)) as engine:
        await engine.transact(lambda transaction: transaction.fetch("SELECT 1"))
        # Whether a commit reaches the disk cannot be seen from outside short of a power cut.
        [written] = await engine.transact(lambda transaction: transaction.fetch(asked))
        [read] = await engine.read(asked)

    assert (tuple(written), tuple(read)) == ((value,), (value,))


async def test_acknowledged_write_is_in_the_file(path: Path, work: Work) -> None:
    await work.mint("anna")
    assert counted(path) == (0, 0, 0)

    recorded = await work.record("anna")
    assert counted(path) == (1, 1, 1)
    assert execute(path, "SELECT id, patient_id FROM connections") == [(str(recorded.id), "anna")]


async def test_acknowledged_write_is_read_back_at_once(database: SqlStorage, work: Work) -> None:
    for name in ("anna", "ben", "cleo"):
        await work.mint(name)
        found = await database.read("SELECT 1 FROM link_tokens WHERE patient_id = ?", name)
        assert len(found) == 1


async def test_check_of_an_open_database_says_nothing(database: SqlStorage) -> None:
    await database.check()


async def test_records_outlive_the_database_that_wrote_them(path: Path) -> None:
    async with a_storage(path) as database:
        await Work(database).mint("anna")
        first = await Work(database).record("anna")
    async with a_storage(path) as database:
        assert await Work(database).record("anna") == first

    assert counted(path) == (1, 1, 1)


@pytest.mark.parametrize("folder", ["a b", "a%20b", "a%b", "a?b", "a#b", "ü"])
async def test_folder_may_be_called_anything(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "connections.db"
    prepare_sqlite(path, staging=False)
    async with a_storage(path) as database:
        await Work(database).mint("anna")
        await Work(database).record("anna")

    assert counted(path) == (1, 1, 1)


async def test_closing_waits_for_accepted_writes(path: Path) -> None:
    async with a_storage(path) as database:
        work = Work(database)
        await work.mint("anna")
        accepted = asyncio.create_task(work.record("anna"))
        await asyncio.sleep(0)

    await accepted
    assert counted(path) == (1, 1, 1)


async def test_closing_leaves_no_thread(path: Path) -> None:
    before = set(threading.enumerate())
    async with a_storage(path) as database:
        await Work(database).mint("anna")
        opened = set(threading.enumerate()) - before

    assert opened
    for thread in opened:
        thread.join(5)
        assert not thread.is_alive()


async def test_closing_leaves_nothing_for_recovery(path: Path) -> None:
    async with a_storage(path) as database:
        await Work(database).mint("anna")

    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_callers_who_went_away_leave_whole_rows_and_a_working_database(
    path: Path, work: Work
) -> None:
    names = [f"patient {n}" for n in range(50)]
    await asyncio.gather(*map(work.mint, names))
    gone = [asyncio.create_task(work.record(name)) for name in names]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    outcomes = await asyncio.gather(*gone, return_exceptions=True)
    await work.mint("anna")
    await work.record("anna")

    assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
    assert counted(path) == (51, 51, 51)


async def test_readers_who_went_away_leave_a_working_database(
    database: SqlStorage, work: Work
) -> None:
    await work.mint("anna")
    gone = [asyncio.create_task(database.read("SELECT 1")) for _ in range(50)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    await asyncio.gather(*gone, return_exceptions=True)

    assert len(await database.read("SELECT digest FROM link_tokens")) == 1
