"""SqliteEngine's checkpoints: the log is brought into the file, and no commit has to do it."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from adapters.persistence.engine import Transaction
from adapters.persistence.sqlite import SqliteEngine
from adapters.persistence.sqlite_checkpoints import CHECKPOINT_EVERY
from tests.adapters.sqlite_files import execute
from tests.builders import NOW
from tests.logged import Logged

_PAGE = 4096
_FRAME = _PAGE + 24


class Pauses:
    """Each pause between two checkpoints lasts until the test ends it."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[float] = asyncio.Queue()
        self._ended = asyncio.Semaphore(0)

    async def __call__(self, seconds: float) -> None:
        self.begun.put_nowait(seconds)
        await self._ended.acquire()

    def end(self) -> None:
        self._ended.release()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    execute(tmp_path / "notes.db", "CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT)")
    return tmp_path / "notes.db"


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@asynccontextmanager
async def opened(path: Path, pauses: Pauses) -> AsyncIterator[SqliteEngine]:
    async with SqliteEngine(path, clock=FixedClock(NOW), sleep=pauses) as engine:
        yield engine


async def write(engine: SqliteEngine, pages: range) -> None:
    """Rows that fill a page each; one that is there already is written anew."""

    async def unit(transaction: Transaction) -> None:
        await transaction.fetch(
            "REPLACE INTO notes SELECT value, hex(randomblob(1990)) FROM json_each(?)",
            str(list(pages)),
        )

    await engine.transact(unit)


def pages_of(path: Path) -> int:
    """Asked without opening it: to close it again would take away SQLite's locks on it."""
    return path.stat().st_size // _PAGE


def log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


async def test_what_was_committed_is_brought_into_the_file_after_a_pause(
    path: Path, pauses: Pauses
) -> None:
    async with opened(path, pauses) as engine:
        before = pages_of(path)
        await write(engine, range(100))
        assert await pauses.begun.get() == CHECKPOINT_EVERY
        assert pages_of(path) == before
        pauses.end()
        await write(engine, range(100))
        await pauses.begun.get()  # so the first checkpoint is over

        assert pages_of(path) >= before + 100


async def test_nothing_is_done_when_nothing_was_written(path: Path, pauses: Pauses) -> None:
    async with opened(path, pauses) as engine:
        await engine.read("SELECT 1")
        assert pauses.begun.empty()
        await write(engine, range(100))
        await pauses.begun.get()
        pauses.end()
        while pages_of(path) < 100:  # noqa: ASYNC110  (nobody tells)
            await asyncio.sleep(0.001)
        await engine.read("SELECT 1")

        assert pauses.begun.empty()


async def test_commits_leave_the_log_alone_until_it_is_long_and_it_grows_no_further(
    path: Path, pauses: Pauses
) -> None:
    """By themselves they would bring it over at 1000 pages; here the checkpoints do not come."""
    async with opened(path, pauses) as engine:
        before = pages_of(path)
        for _ in range(7):
            await write(engine, range(2000))
        assert pages_of(path) == before
        for _ in range(10):
            await write(engine, range(2000))

        assert pages_of(path) >= before + 2000
        assert log_of(path).stat().st_size < (16000 + 2000 + 100) * _FRAME


async def test_checkpoints_that_fail_do_no_harm_and_are_told_of_once(
    path: Path, pauses: Pauses, logged: Logged
) -> None:
    def denied(_: int, what: str | None, *__: str | None) -> int:
        return sqlite3.SQLITE_DENY if what == "wal_checkpoint" else sqlite3.SQLITE_OK

    async with opened(path, pauses) as engine:
        before = pages_of(path)
        connection = engine._checkpoints._connection  # noqa: SLF001  (it is its own to allow)
        await connection.use(lambda raw: raw.set_authorizer(denied))
        await write(engine, range(100))
        await pauses.begun.get()
        for failed in (1, 2, 3):
            pauses.end()
            await write(engine, range(100))
            await pauses.begun.get()
            assert engine.checkpoints_failed == failed
            assert pages_of(path) == before

        await connection.use(lambda raw: raw.set_authorizer(None))
        pauses.end()
        await write(engine, range(100))
        await pauses.begun.get()
        assert pages_of(path) >= before + 100

    told, recovered = logged.lines
    assert (told["event"], told["level"]) == ("checkpoint_failed", "error")
    assert told["cause"][-1]["type"] == "sqlite3.DatabaseError"
    assert recovered == {"event": "checkpoint_recovered", "level": "info", "count": 3}


async def test_closing_ends_them_and_brings_over_the_rest(path: Path, pauses: Pauses) -> None:
    before, tasks, threads = pages_of(path), asyncio.all_tasks(), set(threading.enumerate())
    async with opened(path, pauses) as engine:
        await write(engine, range(100))
        await pauses.begun.get()

    assert asyncio.all_tasks() == tasks
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
        assert not thread.is_alive()
    assert pages_of(path) >= before + 100
    assert not log_of(path).exists()
