"""An SQLite file, held open by one connection that writes and one that reads.

`databases` opens a connection, and a thread, for every task that asks, and its transactions
begin as readers (docs/adr/0004): so two connections are opened here, kept, and asked directly.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Self, TypeVar
from urllib.parse import quote

import aiosqlite
from databases import Database

from adapters.persistence.dialects import SQLITE
from adapters.persistence.engine import DataError, Rows, Transaction
from adapters.persistence.statements import Statements
from domain.errors import StorageUnavailable
from ports.clock import Clock

T = TypeVar("T")

# A commit survives a power cut: what was acknowledged must not be lost.
_PRAGMAS: Final = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)


class SqliteEngine:
    """Open it as a context.

    The time of day is this machine's: all who write to the file, the service and now and then a
    command, are on it.
    """

    statements: Final = Statements(SQLITE)

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._opened = AsyncExitStack()
        self._writer: aiosqlite.Connection
        self._reader: aiosqlite.Connection

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self._writer = await opening.enter_async_context(_held_connection(self._path))
            self._reader = await opening.enter_async_context(_held_connection(self._path))
            self._opened = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def read(self, statement: str, *parameters: str) -> Rows:
        """See `Engine.read`; a caller who leaves does not stop the connection's thread."""
        return await _fetch(self._reader, statement, *parameters)

    async def transact(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        """See `Engine.transact`."""
        # IMMEDIATE: a transaction that began as a reader would fail at its first write whenever
        # another process had written meanwhile, without waiting.
        if self._writer.in_transaction:  # a ROLLBACK failed
            await self.fetch("ROLLBACK")
        await self.fetch("BEGIN IMMEDIATE")
        try:
            outcome = await unit(self)
            await self.fetch("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                await self.fetch("ROLLBACK")
            raise
        return outcome

    async def fetch(self, statement: str, *parameters: str) -> Rows:
        """See `Transaction.fetch`."""
        return await _fetch(self._writer, statement, *parameters)

    async def now(self) -> datetime:
        """See `Transaction.now`."""
        return self._clock.now()


@asynccontextmanager
async def _held_connection(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """A connection of its own: `databases` gives one for each Database and task."""
    url = f"sqlite:///{quote(str(path))}"
    async with Database(url) as database, database.connection() as connection:
        raw: aiosqlite.Connection = connection.raw_connection
        for pragma in _PRAGMAS:
            await _fetch(raw, pragma)
        yield raw


async def _fetch(connection: aiosqlite.Connection, statement: str, *parameters: str) -> Rows:
    try:
        return list(await connection.execute_fetchall(statement, parameters))
    except (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError) as error:
        raise DataError from error
    except (sqlite3.Error, ValueError) as error:  # ValueError: the connection was closed
        raise StorageUnavailable from error
