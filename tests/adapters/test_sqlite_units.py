"""SqliteEngine's transactions: each runs to its end in the writer's thread, whoever waits."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from adapters.persistence.engine import DataError, Rows, Transaction
from adapters.persistence.sqlite import SqliteEngine, UnitWaits
from domain.errors import StorageUnavailable
from tests.adapters.sqlite_files import execute
from tests.builders import NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    execute(tmp_path / "notes.db", "CREATE TABLE notes (note TEXT UNIQUE)")
    return tmp_path / "notes.db"


@pytest.fixture
async def engine(path: Path) -> AsyncIterator[SqliteEngine]:
    async with SqliteEngine(path, clock=FixedClock(NOW)) as engine:
        yield engine


async def write(engine: SqliteEngine, *notes: str) -> None:
    async def unit(transaction: Transaction) -> None:
        for note in notes:
            await transaction.fetch("INSERT INTO notes VALUES (?)", note)

    await engine.transact(unit)


def written(path: Path) -> list[str]:
    return [note for (note,) in execute(path, "SELECT note FROM notes ORDER BY rowid")]


async def test_unit_sees_what_it_wrote_and_returns_what_it_likes(engine: SqliteEngine) -> None:
    async def unit(transaction: Transaction) -> Rows:
        await transaction.fetch("INSERT INTO notes VALUES (?)", "one")
        return await transaction.fetch("SELECT note FROM notes")

    assert await engine.transact(unit) == [("one",)]


async def test_units_leave_the_event_loop_free(engine: SqliteEngine) -> None:
    threads: set[int] = set()

    async def unit(_: Transaction) -> None:
        threads.add(threading.get_ident())

    for _ in range(3):
        await engine.transact(unit)
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


async def test_unit_that_waits_is_a_defect_and_stores_nothing(
    path: Path, engine: SqliteEngine
) -> None:
    async def unit(transaction: Transaction) -> None:
        await transaction.fetch("INSERT INTO notes VALUES (?)", "lost")
        await asyncio.sleep(0)

    with pytest.raises(UnitWaits):
        await engine.transact(unit)
    await write(engine, "kept")

    assert written(path) == ["kept"]


async def test_unit_that_fails_stores_nothing_and_its_error_is_told(
    path: Path, engine: SqliteEngine
) -> None:
    async def unit(transaction: Transaction) -> None:
        await transaction.fetch("INSERT INTO notes VALUES (?)", "lost")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await engine.transact(unit)
    with pytest.raises(DataError):
        await write(engine, "lost", "twice", "twice")
    with pytest.raises(StorageUnavailable):
        await engine.transact(lambda transaction: transaction.fetch("SELECT 1 FROM nowhere"))

    assert written(path) == []


async def test_rollback_that_failed_is_made_up_for(path: Path, engine: SqliteEngine) -> None:
    def denied(_: int, step: str | None, *__: str | None) -> int:
        return sqlite3.SQLITE_DENY if step == "ROLLBACK" else sqlite3.SQLITE_OK

    writer = engine._writer  # noqa: SLF001  (what SQLite lets it do is the connection's own)
    await writer.use(lambda raw: raw.set_authorizer(denied))
    with pytest.raises(StorageUnavailable):
        await write(engine, "lost", "twice", "twice")
    await writer.use(lambda raw: raw.set_authorizer(None))
    await write(engine, "kept")

    assert written(path) == ["kept"]


async def test_who_gives_up_stops_neither_what_is_under_way_nor_what_waits(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        async with SqliteEngine(path, clock=FixedClock(NOW)) as engine:
            other.execute("BEGIN IMMEDIATE")
            gone = [asyncio.create_task(write(engine, note)) for note in ("one", "two")]
            await asyncio.sleep(0)
            for task in gone:
                task.cancel()
            await asyncio.gather(*gone, return_exceptions=True)
            other.execute("ROLLBACK")

    assert all(task.cancelled() for task in gone)
    assert written(path) == ["one", "two"]


async def test_closing_waits_for_what_is_under_way(path: Path) -> None:
    async with SqliteEngine(path, clock=FixedClock(NOW)) as engine:
        under_way = asyncio.create_task(write(engine, "one"))
        await asyncio.sleep(0)

    await under_way
    assert written(path) == ["one"]


async def test_engine_that_is_closed_is_unavailable(path: Path) -> None:
    async with SqliteEngine(path, clock=FixedClock(NOW)) as engine:
        pass

    with pytest.raises(StorageUnavailable):
        await write(engine, "late")
    with pytest.raises(StorageUnavailable):
        await engine.read("SELECT 1")
    assert written(path) == []
