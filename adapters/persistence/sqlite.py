"""An SQLite file, held open by a connection that writes, one that reads, and one that tidies up.

They are opened here and kept: `databases` would open one, and a thread, for every task that asks
(docs/adr/0004, docs/adr/0015). The one that writes does a whole transaction in a single visit to
its thread (docs/adr/0014).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Self, TypeVar

import aiosqlite

from adapters.persistence.dialects import SQLITE
from adapters.persistence.engine import Rows, Transaction
from adapters.persistence.sqlite_checkpoints import STOP, Checkpoints, Sleep
from adapters.persistence.sqlite_connection import (
    PRAGMAS,
    HeldConnection,
    execute,
    execute_for_each,
    promised,
)
from adapters.persistence.statements import Statements
from ports.clock import Clock

T = TypeVar("T")

Unit = Callable[[Transaction], Awaitable[T]]


class UnitWaits(Exception):
    """A unit of work awaited something that was not its transaction's: a defect of ours.

    It would hold the lock on the file for as long as it waits.
    """


class SqliteEngine:
    """Open it as a context.

    The time of day is this machine's: all who write to the file, the service and now and then a
    command, are on it.
    """

    statements: Final = Statements(SQLITE)

    def __init__(self, path: Path, *, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._path = path
        self._clock = clock
        self._sleep = sleep
        self._opened = AsyncExitStack()
        self._writer: HeldConnection
        self._reader: aiosqlite.Connection
        self._checkpoints: Checkpoints

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            writer = HeldConnection(self._path, name="sqlite-writer", also=(STOP,))
            checkpoints = Checkpoints(self._path, sleep=self._sleep)
            self._writer = await opening.enter_async_context(writer)
            self._reader = await opening.enter_async_context(_held_reader(self._path))
            self._checkpoints = await opening.enter_async_context(checkpoints)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    @property
    def checkpoints_failed(self) -> int:
        """See `Engine.checkpoints_failed`."""
        return self._checkpoints.failed

    async def read(self, statement: str, *parameters: str) -> Rows:
        """See `Engine.read`; a caller who leaves does not stop the connection's thread."""
        return await _fetch(self._reader, statement, *parameters)

    async def transact(self, unit: Unit[T]) -> T:
        """See `Engine.transact`.

        The unit runs in the writer's thread, beside the event loop, where nothing may be awaited
        but its transaction.
        """
        outcome = await self._writer.use(lambda raw: _transact(raw, unit, self._clock))
        self._checkpoints.written()
        return outcome


class _Transaction:
    def __init__(self, raw: sqlite3.Connection, clock: Clock) -> None:
        self._raw = raw
        self._clock = clock

    async def fetch(self, statement: str, *parameters: str) -> Rows:
        return execute(self._raw, statement, *parameters)

    async def store(self, statement: str, rows: Rows) -> None:
        execute_for_each(self._raw, statement, rows)

    async def now(self) -> datetime:
        return self._clock.now()


def _transact(raw: sqlite3.Connection, unit: Unit[T], clock: Clock) -> T:
    # IMMEDIATE: a transaction that began as a reader would fail at its first write whenever
    # another process had written meanwhile, without waiting.
    if raw.in_transaction:  # a ROLLBACK failed
        execute(raw, "ROLLBACK")
    execute(raw, "BEGIN IMMEDIATE")
    try:
        outcome = _done(unit(_Transaction(raw, clock)))
        execute(raw, "COMMIT")
    except BaseException:
        if raw.in_transaction:
            execute(raw, "ROLLBACK")
        raise
    return outcome


def _done(work: Awaitable[T]) -> T:
    """What `work` returns: what it awaits of its transaction is there at once."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        outcome: T = end.value
        return outcome
    steps.close()
    raise UnitWaits


@asynccontextmanager
async def _held_reader(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        for pragma in PRAGMAS:
            await _fetch(connection, pragma)
        yield connection


async def _fetch(connection: aiosqlite.Connection, statement: str, *parameters: str) -> Rows:
    try:
        return list(await connection.execute_fetchall(statement, parameters))
    except (sqlite3.Error, ValueError) as error:  # ValueError: the connection was closed
        raise promised(error) from error
