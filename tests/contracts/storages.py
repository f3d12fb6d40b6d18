"""Every adapter of the repositories, ready to be used, on a clock that stands still."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from adapters.clock import FixedClock
from adapters.persistence import rows
from adapters.persistence.audit_queue import QueuedAuditTrail
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
from domain.history import ConnectionEvent
from ports.audit import AuditTrail
from ports.repositories import ConnectionRepository, LinkTokenLedger
from ports.storage import Storage


@dataclass(frozen=True)
class Stored:
    """`trail` is a test's to open; `events` reads all that was ever written down, oldest first."""

    clock: FixedClock
    storage: Storage
    ledger: LinkTokenLedger
    connections: ConnectionRepository
    trail: AuditTrail
    events: Callable[[], list[ConnectionEvent]]


@asynccontextmanager
async def in_memory(_: Path, clock: FixedClock) -> AsyncIterator[Stored]:
    async with InMemoryStorage(clock) as storage:
        yield Stored(
            clock,
            storage,
            InMemoryLinkTokenLedger(storage),
            InMemoryConnectionRepository(storage),
            QueuedAuditTrail(storage.write, clock=clock),
            lambda: list(storage.records.events),
        )


@asynccontextmanager
async def sqlite(folder: Path, clock: FixedClock) -> AsyncIterator[Stored]:
    path = folder / "contract.db"
    prepare_sqlite(path, staging=False)
    async with SqliteDatabase(path, clock=clock, deadline=5) as storage:
        yield Stored(
            clock,
            storage,
            SqliteLinkTokenLedger(storage),
            SqliteConnectionRepository(storage),
            QueuedAuditTrail(storage.write, clock=clock),
            lambda: events_in(path),
        )


def events_in(path: Path) -> list[ConnectionEvent]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT * FROM connection_events ORDER BY id")
        return [rows.event_of(row) for row in found]
