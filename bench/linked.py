"""Patients with three connections each, which are on record before anything is measured.

They are those that Junction lists of everybody. Their names are outside of the ledger's, so that
nothing that renews the ledger touches them.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.persistence import rows
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.timeline import uuid7
from bench import ledger
from bench.candidates import AGAIN, PEERS, Candidate, service
from bench.upstream import CREATED_ON, LISTED
from domain.connection import Connection
from domain.facts import Facts
from domain.identifiers import ConnectionId, JunctionUserId, PatientId
from domain.ledger import JunctionUserOnRecord
from domain.provider import Listing, Slug, provider_of

_LINKED: Final = datetime.now(UTC) - timedelta(days=90)
_SEEN: Final = datetime.now(UTC) - timedelta(days=1)
_PEERS: Final = ("fastapi_httpx", "fastapi_aiosqlite", "floor")


def patient(n: int) -> PatientId:
    return PatientId(f"linked-{n:06}")


def user(n: int) -> JunctionUserId:
    return JunctionUserId(f"{n:08x}-0000-4000-9000-000000000000")


@dataclass(frozen=True, slots=True)
class Linked:
    """So many patients; `said` is what Junction said of each slug when it was last asked."""

    count: int
    said: Mapping[str, str]

    def candidates(self) -> list[Candidate]:
        """This service twice and the peers that do more than exchange, all over these patients."""
        return [
            replace(service(), fill=self.fill_ours),
            *(replace(PEERS[name], fill=self.fill_peers) for name in _PEERS),
            replace(AGAIN, fill=self.fill_ours),
        ]

    def fill_ours(self, file: Path) -> None:
        prepare_sqlite(file, staging=True)
        with closing(sqlite3.connect(file)) as database, database:
            database.executemany(
                "INSERT INTO junction_users VALUES (?, ?, ?, ?, ?)",
                map(rows.user_row, self.users()),
            )
            database.executemany(
                f"INSERT INTO connections VALUES ({', '.join('?' * 16)})",  # noqa: S608  (marks only)
                map(rows.connection_row, self.connections()),
            )

    def fill_peers(self, file: Path) -> None:
        """The same connections in the tables that the peers share."""
        with closing(sqlite3.connect(file)) as database:
            database.executescript(ledger.PEERS_SCHEMA.read_text())
            with database:
                database.executemany(
                    "INSERT INTO connections VALUES (?, ?, ?, ?, ?, ?, ?)",
                    map(peers_row, self.connections()),
                )

    def users(self) -> Iterator[JunctionUserOnRecord]:
        for n in range(self.count):
            yield JunctionUserOnRecord(
                id=user(n), patient_id=patient(n), team_id=None, minted_at=_LINKED
            )

    def connections(self) -> Iterator[Connection]:
        for n in range(self.count):
            for slug, status in self.said.items():
                yield _connection(n, Slug(slug), status)


def three_each(count: int, **said: str) -> Linked:
    """As Junction lists them, but for what it `said` otherwise when it was last asked."""
    return Linked(count, LISTED | said)


def _connection(n: int, slug: Slug, status: str) -> Connection:
    listing = Listing(slug=slug, status=status, created_on=datetime.fromisoformat(CREATED_ON))
    return Connection(
        id=ConnectionId(uuid7(_LINKED + timedelta(milliseconds=n))),
        patient_id=patient(n),
        provider=provider_of(slug),
        junction_user_id=user(n),
        facts=Facts.observed(listing, asked_at=_SEEN, heard_at=_LINKED),
    )


def peers_row(connection: Connection) -> rows.Row:
    return (
        str(connection.id),
        connection.patient_id,
        connection.provider,
        connection.junction_user_id,
        connection.status,
        rows.microseconds(connection.connected_at),
        None,
    )
