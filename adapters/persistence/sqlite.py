"""An SQLite file, held open by one connection that writes and one that reads.

`databases` opens a connection, and a thread, for every task that asks, and its transactions
begin as readers (docs/adr/0004): so two connections are opened here, kept, and asked directly.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self, TypeVar, overload
from urllib.parse import quote

import aiosqlite
from databases import Database

from adapters.persistence import sqlite_statements as sql
from adapters.persistence.batch import DataError, Stored, Write, apply
from adapters.persistence.group_commit import GroupCommit
from adapters.persistence.timeline import Timeline
from domain.connection import Connection
from domain.errors import LinkingError, StorageUnavailable
from domain.history import Refusal
from domain.ledger import LedgerEntry
from domain.link_token import Mint
from domain.recording import Report
from ports.clock import Clock

T = TypeVar("T")
Rows = Sequence[Sequence[Any]]

# A commit survives a power cut: what was acknowledged must not be lost.
_PRAGMAS: Final = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)


class SqliteDatabase:
    """Open it as a context; `deadline` is how many seconds a caller waits at most."""

    def __init__(self, path: Path, *, clock: Clock, deadline: float) -> None:
        self._path = path
        self._timeline = Timeline(clock)
        self._deadline = deadline
        self._opened = AsyncExitStack()
        self._writer: aiosqlite.Connection
        self._reader: aiosqlite.Connection
        self._commits: GroupCommit[Write, Stored]
        self._committing: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self._writer = await opening.enter_async_context(_held_connection(self._path))
            self._reader = await opening.enter_async_context(_held_connection(self._path))
            self._commits = GroupCommit(self._commit)
            self._committing = asyncio.create_task(self._commits.run())
            opening.push_async_callback(self._drain)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def check(self) -> None:
        """See `Storage.check`."""
        await self.read(sql.find_token, "")
        if self._committing.done():
            raise StorageUnavailable

    async def read(self, statement: str, *parameters: str) -> Rows:
        """The rows of a SELECT.

        Raises:
            StorageUnavailable: the file cannot be read, or not in time.

        """
        return await self._in_time(_fetch(self._reader, statement, *parameters))

    @overload
    async def write(self, write: Mint) -> LedgerEntry: ...

    @overload
    async def write(self, write: Report) -> Connection: ...

    @overload
    async def write(self, write: Refusal) -> None: ...

    async def write(self, write: Write) -> Stored:
        """The outcome of a write, once it is on disk.

        Raises:
            StorageUnavailable: it is not known to be on disk in time.
            LinkingError: it broke a rule and changed nothing.

        """
        return await self._in_time(self._commits.submit(write))

    async def _in_time(self, work: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._deadline):
                return await work
        except (TimeoutError, DataError) as error:
            raise StorageUnavailable from error

    async def _commit(self, writes: Sequence[Write]) -> Sequence[Stored | LinkingError]:
        # IMMEDIATE: a transaction that began as a reader would fail at its first write whenever
        # another process had written meanwhile, without waiting.
        if self._writer.in_transaction:  # a ROLLBACK failed
            await self._fetch("ROLLBACK")
        await self._fetch("BEGIN IMMEDIATE")
        try:
            outcomes = await apply(self._fetch, writes, self._timeline)
            await self._fetch("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                await self._fetch("ROLLBACK")
            raise
        return outcomes

    async def _fetch(self, statement: str, *parameters: str) -> Rows:
        return await _fetch(self._writer, statement, *parameters)

    async def _drain(self) -> None:
        self._commits.close()
        await self._committing


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
