"""An SQLite file as another process sees it, and work for the database that holds it open."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.clock import FixedClock
from adapters.persistence.repositories import (
    SqlConnectionRepository,
    SqlLinkTokenLedger,
)
from adapters.persistence.sqlite import SqliteEngine
from adapters.persistence.storage import SqlStorage
from domain.connection import Connection
from tests.builders import NOW, a_digest, a_listing, a_mint, a_report


def a_storage(path: Path, *, deadline: float = 10.0) -> SqlStorage:
    clock = FixedClock(NOW)
    return SqlStorage(SqliteEngine(path, clock=clock), clock=clock, deadline=deadline)


def execute(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


def counted(path: Path) -> tuple[int, int, int]:
    """How many connections, bound tokens and events the file holds."""
    [found] = execute(
        path,
        "SELECT (SELECT count(*) FROM connections), (SELECT count(bound_to) FROM link_tokens), "
        "(SELECT count(*) FROM connection_events)",
    )
    connections, bound, events = found
    return connections, bound, events


@dataclass(frozen=True)
class Work:
    """Links of patients; each leaves one connection, one bound token and one event."""

    database: SqlStorage

    async def mint(self, name: str) -> None:
        ledger = SqlLinkTokenLedger(self.database)
        await ledger.enter(
            a_mint(digest=a_digest(name), patient_id=name, junction_user_id=f"user of {name}")
        )

    async def record(self, name: str) -> Connection:
        report = a_report(
            a_listing(),
            token=a_digest(name),
            patient_id=name,
            junction_user_id=f"user of {name}",
        )
        return await SqlConnectionRepository(self.database).record(report)
