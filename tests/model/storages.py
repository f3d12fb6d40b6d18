"""What keeps the records in these histories; another database is one more function here."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from adapters.clock import FixedClock
from adapters.persistence.sqlite_schema import prepare_sqlite
from entrypoints.container import Container


class Storage(Protocol):
    """Records of one history. `url` is what DATABASE_URL says, now: a kill may change it."""

    @property
    def url(self) -> str: ...

    @property
    def outlives_the_process(self) -> bool: ...

    def wire(self, container: Container, clock: FixedClock) -> None:
        """Have the time told by `clock`, where it is not told by the container's."""
        ...

    def be_killed(self) -> None:
        """Leave what a kill -9 at this moment would leave, for who opens `url` next.

        Called in the middle of anything. Who had it open stops afterwards, and changes nothing.
        """
        ...

    async def come_to_rest(self) -> None:
        """Wait until nothing is done any more for a process that was killed."""
        ...

    def breaking_midway(self) -> AbstractAsyncContextManager[None]:
        """Let every transaction that appends an event fail there, with its rows half-written."""
        ...

    def remove(self) -> None: ...


Fresh = Callable[[], Storage]


class Local:
    """What the process itself keeps, or a file that nobody works on once it is dead."""

    def wire(self, container: Container, clock: FixedClock) -> None:
        """The container's clock is all there is."""

    async def come_to_rest(self) -> None:
        """It is."""


class Memory(Local):
    url = "memory:"
    outlives_the_process = False

    def be_killed(self) -> None:
        raise NotImplementedError

    def breaking_midway(self) -> AbstractAsyncContextManager[None]:
        raise NotImplementedError

    def remove(self) -> None:
        """Gone with the process."""


class SqliteFile(Local):
    """What is in the file and its log at some instant is all that a process killed then leaves."""

    outlives_the_process = True

    def __init__(self, folder: Path, empty: Path) -> None:
        self._folder = folder
        self._path = folder / "0.db"
        self._killed = 0
        folder.mkdir()
        shutil.copy(empty, self._path)

    @property
    def url(self) -> str:
        return f"sqlite:///{self._path}"

    def be_killed(self) -> None:
        self._killed += 1
        left = self._folder / f"{self._killed}.db"
        for part in ("", "-wal"):
            shutil.copy(f"{self._path}{part}", f"{left}{part}")
        self._path = left

    @asynccontextmanager
    async def breaking_midway(self) -> AsyncIterator[None]:
        # In a thread, for the service may have to end a transaction of its own first.
        await asyncio.to_thread(self._rename, "connection_events", "elsewhere")
        yield
        await asyncio.to_thread(self._rename, "elsewhere", "connection_events")

    def remove(self) -> None:
        shutil.rmtree(self._folder)

    def _rename(self, table: str, name: str) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


@contextmanager
def in_memory(_: Path) -> Iterator[Fresh]:
    yield Memory


@contextmanager
def sqlite(folder: Path) -> Iterator[Fresh]:
    empty = folder / "empty.db"
    prepare_sqlite(empty, staging=False)  # once: to migrate takes longer than a history
    yield lambda: SqliteFile(folder / uuid4().hex, empty)
