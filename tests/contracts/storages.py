"""Every adapter of the repositories, ready to be used, on a clock that stands still."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.clock import FixedClock
from adapters.persistence.in_memory import (
    InMemoryConnectionRepository,
    InMemoryLinkTokenLedger,
    InMemoryStorage,
)
from adapters.persistence.migrate import prepare_sqlite
from adapters.persistence.sqlite import SqliteDatabase
from adapters.persistence.sqlite_repositories import (
    SqliteConnectionRepository,
    SqliteLinkTokenLedger,
)
from ports.repositories import ConnectionRepository, LinkTokenLedger
from ports.storage import Storage


@dataclass(frozen=True)
class Stored:
    clock: FixedClock
    storage: Storage
    ledger: LinkTokenLedger
    connections: ConnectionRepository


@asynccontextmanager
async def in_memory(_: Path, clock: FixedClock) -> AsyncIterator[Stored]:
    async with InMemoryStorage(clock) as storage:
        yield Stored(
            clock,
            storage,
            InMemoryLinkTokenLedger(storage),
            InMemoryConnectionRepository(storage),
        )


@asynccontextmanager
async def sqlite(folder: Path, clock: FixedClock) -> AsyncIterator[Stored]:
    path = folder / "contract.db"
    prepare_sqlite(path, staging=False)
    async with SqliteDatabase(path, clock=clock, deadline=5) as storage:
        yield Stored(
            clock, storage, SqliteLinkTokenLedger(storage), SqliteConnectionRepository(storage)
        )
