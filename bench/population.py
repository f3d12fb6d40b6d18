"""Many patients with a connection each: on record here, and at a simulated Junction."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from adapters.junction.journal import ProviderListed, UserCreated
from adapters.junction.simulated_user import user_id_of
from adapters.persistence import rows
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.timeline import uuid7
from domain.connection import Connection
from domain.facts import Facts
from domain.identifiers import ConnectionId, PatientId
from domain.ledger import JunctionUserOnRecord
from domain.provider import Listing, ProviderName, Slug

_NOW: Final = datetime.now(UTC)
_LINKED: Final = _NOW - timedelta(days=90)
_SEEN: Final = _NOW - timedelta(days=1)
_SLUG: Final = Slug("oura")


@dataclass(frozen=True, slots=True)
class Patient:
    """`said` is what is on record of the connection; `says` what Junction lists now, if at all."""

    id: PatientId
    said: str
    says: str | None


def patients(count: int) -> Iterator[Patient]:
    """Of a hundred two have drifted: one into an error, one away."""
    for n in range(count):
        says = {0: "error", 50: None}.get(n % 100, "connected")
        yield Patient(PatientId(f"patient-{n}"), "connected", says)


def on_record(file: Path, count: int) -> None:
    """A database of staging's that was last told of all of them a day ago."""
    prepare_sqlite(file, staging=True)
    with closing(sqlite3.connect(file)) as database, database:
        database.executemany("INSERT INTO junction_users VALUES (?, ?, ?, ?, ?)", _users(count))
        database.executemany(
            f"INSERT INTO connections VALUES ({', '.join('?' * 16)})",  # noqa: S608  (marks only)
            _connections(count),
        )


def at_junction(file: Path, count: int) -> None:
    """The simulator's memory of the same patients."""
    encode = msgspec.json.Encoder().encode
    with file.open("wb") as journal:
        for patient in patients(count):
            journal.write(encode(UserCreated(client_user_id=patient.id, at=_LINKED)) + b"\n")
            if patient.says is not None:
                listed = ProviderListed(
                    user_id=user_id_of(patient.id), listing=_listing(patient.says)
                )
                journal.write(encode(listed) + b"\n")


def stored(file: Path) -> Counter[str]:
    """How many connections are of which status."""
    with closing(sqlite3.connect(file)) as database:
        return Counter(
            dict(database.execute("SELECT status, count(*) FROM connections GROUP BY status"))
        )


def said_by_junction(count: int) -> Counter[str]:
    return Counter(patient.says or "disconnected" for patient in patients(count))


def _users(count: int) -> Iterator[rows.Row]:
    for patient in patients(count):
        yield rows.user_row(
            JunctionUserOnRecord(
                id=user_id_of(patient.id), patient_id=patient.id, team_id=None, minted_at=_LINKED
            )
        )


def _connections(count: int) -> Iterator[rows.Row]:
    for n, patient in enumerate(patients(count)):
        seen_at = _SEEN + timedelta(milliseconds=n)
        facts = Facts.observed(_listing(patient.said), asked_at=seen_at, heard_at=_LINKED)
        yield rows.connection_row(
            Connection(
                id=ConnectionId(uuid7(_LINKED)),
                patient_id=patient.id,
                provider=ProviderName(_SLUG),
                junction_user_id=user_id_of(patient.id),
                facts=facts,
            )
        )


def _listing(status: str) -> Listing:
    error_type = "token_refresh_failed" if status == "error" else None
    return Listing(slug=_SLUG, status=status, created_on=_LINKED, error_type=error_type)
