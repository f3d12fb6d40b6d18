"""One connection to an SQLite file, in a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Self, TypeVar

from adapters.persistence.engine import DataError, Rows
from domain.errors import StorageUnavailable

T = TypeVar("T")

# A commit survives a power cut: what was acknowledged must not be lost.
PRAGMAS: Final = (
    "PRAGMA busy_timeout = 5000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)


class HeldConnection:
    """Open it as a context. What it is given to do is done in turn, whoever still waits for it.

    `also` are pragmas of this connection alone.
    """

    def __init__(self, path: Path, *, name: str, also: tuple[str, ...] = ()) -> None:
        self._path = path
        self._name = name
        self._pragmas = (*PRAGMAS, *also)
        self._connection: sqlite3.Connection | None = None
        self._thread: ThreadPoolExecutor

    async def __aenter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=self._name)
        try:
            self._connection = await self._run(self._opened)
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                await self._run(connection.close)
        finally:
            self._thread.shutdown(wait=False)  # nothing is left to do: it ends by itself

    async def use(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, once the connection's thread has done it: one hop, however long.

        Raises:
            StorageUnavailable: the connection is closed.

        """
        connection = self._connection
        if connection is None:
            raise StorageUnavailable
        return await self._run(lambda: work(connection))

    async def _run(self, work: Callable[[], T]) -> T:
        # Shielded: a future that is cancelled would take what still waits for the thread along.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))

    def _opened(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(self._path, isolation_level=None)
        except sqlite3.Error as error:
            raise promised(error) from error
        try:
            for pragma in self._pragmas:
                execute(connection, pragma)
        except BaseException:
            connection.close()
            raise
        return connection


def execute(connection: sqlite3.Connection, statement: str, *parameters: str) -> Rows:
    """The rows of a statement; none of one that changes rows.

    Raises:
        DataError: the database cannot take the parameters.
        StorageUnavailable: the statement failed in any other way.

    """
    try:
        return connection.execute(statement, parameters).fetchall()
    except (sqlite3.Error, ValueError) as error:
        raise promised(error) from error


def execute_for_each(connection: sqlite3.Connection, statement: str, rows: Rows) -> None:
    """Run a statement with each of `rows`; it raises what `execute` does."""
    try:
        connection.executemany(statement, rows)
    except (sqlite3.Error, ValueError) as error:
        raise promised(error) from error


def promised(error: Exception) -> DataError | StorageUnavailable:
    """What an engine says where SQLite says `error`, or the driver that it is closed."""
    if isinstance(error, sqlite3.IntegrityError | sqlite3.DataError | sqlite3.InterfaceError):
        return DataError()
    return StorageUnavailable()
