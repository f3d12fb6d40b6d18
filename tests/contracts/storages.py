"""Every adapter of the repositories, ready to be used, on a clock that stands still."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from adapters.clock import FixedClock
from adapters.persistence import rows
from adapters.persistence.audit_queue import QueuedAuditTrail
from adapters.persistence.engine import Engine
from adapters.persistence.in_memory import (
    InMemoryConnectionRepository,
    InMemoryJunctionUserDirectory,
    InMemoryLinkTokenLedger,
    InMemoryRetention,
    InMemoryStorage,
)
from adapters.persistence.postgresql import PostgresqlEngine
from adapters.persistence.postgresql_connection import Raw
from adapters.persistence.repositories import (
    SqlConnectionRepository,
    SqlJunctionUserDirectory,
    SqlLinkTokenLedger,
    SqlRetention,
)
from adapters.persistence.sqlite import SqliteEngine
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.storage import SqlStorage
from adapters.tracing.repositories import (
    TracedConnectionRepository,
    TracedJunctionUserDirectory,
    TracedLinkTokenLedger,
)
from domain.history import ConnectionEvent
from domain.secret import Secret
from ports.audit import AuditTrail
from ports.repositories import ConnectionRepository, JunctionUserDirectory, LinkTokenLedger
from ports.retention import Retention
from ports.storage import Storage
from tests.contracts.tracing import recorded
from tests.postgresql import execute

Events = Callable[[], Awaitable[list[ConnectionEvent]]]

ALL_EVENTS: Final = "SELECT * FROM connection_events ORDER BY id"


@dataclass(frozen=True)
class Stored:
    """`trail` is a test's to open; `events` reads all that was ever written down, oldest first."""

    clock: FixedClock
    storage: Storage
    ledger: LinkTokenLedger
    users: JunctionUserDirectory
    connections: ConnectionRepository
    retention: Retention
    trail: AuditTrail
    events: Events


@asynccontextmanager
async def in_memory(clock: FixedClock) -> AsyncIterator[Stored]:
    async with InMemoryStorage(clock) as storage:
        yield Stored(
            clock,
            storage,
            InMemoryLinkTokenLedger(storage),
            InMemoryJunctionUserDirectory(storage),
            InMemoryConnectionRepository(storage),
            InMemoryRetention(storage),
            QueuedAuditTrail(storage.write, clock=clock),
            lambda: events_of(storage),
        )


@asynccontextmanager
async def traced(clock: FixedClock) -> AsyncIterator[Stored]:
    """In memory, and all that is asked of it is under way in a span."""
    with recorded() as tracer:
        async with in_memory(clock) as stored:
            yield replace(
                stored,
                ledger=TracedLinkTokenLedger(stored.ledger, tracer, system="memory"),
                users=TracedJunctionUserDirectory(stored.users, tracer, system="memory"),
                connections=TracedConnectionRepository(
                    stored.connections, tracer, system="memory"
                ),
            )


@asynccontextmanager
async def sqlite(folder: Path, clock: FixedClock) -> AsyncIterator[Stored]:
    path = folder / "contract.db"
    prepare_sqlite(path, staging=False)
    async with _over(SqliteEngine(path, clock=clock), clock, lambda: events_in(path)) as stored:
        yield stored


@asynccontextmanager
async def postgresql(url: str, clock: FixedClock) -> AsyncIterator[Stored]:
    async def now(_: Raw) -> datetime:
        return clock.now()

    engine = PostgresqlEngine(Secret(url), deadline=10, statement_cache_size=100, now=now)
    async with _over(engine, clock, lambda: events_at(url)) as stored:
        yield stored


@asynccontextmanager
async def _over(engine: Engine, clock: FixedClock, events: Events) -> AsyncIterator[Stored]:
    async with SqlStorage(engine, clock=clock, deadline=10) as storage:
        yield Stored(
            clock,
            storage,
            SqlLinkTokenLedger(storage),
            SqlJunctionUserDirectory(storage),
            SqlConnectionRepository(storage),
            SqlRetention(storage),
            QueuedAuditTrail(storage.write, clock=clock),
            events,
        )


async def events_of(storage: InMemoryStorage) -> list[ConnectionEvent]:
    return list(storage.records.events)


async def events_at(url: str) -> list[ConnectionEvent]:
    return [rows.event_of(tuple(row)) for row in await execute(url, ALL_EVENTS)]


async def events_in(path: Path) -> list[ConnectionEvent]:
    with closing(sqlite3.connect(path)) as connection:
        return [rows.event_of(row) for row in connection.execute(ALL_EVENTS)]
