"""Those who were there before: patients with a connection and one event each, as many as wanted.

They and the ledger's patients are scattered among each other, by their names and by Junction's
ids, as in life: whoever links next, their rows go to other pages of the indexes than those before.
The ids of rows are in the order of time.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Final

from adapters.persistence import rows
from adapters.persistence.timeline import uuid7
from bench import ledger
from domain.connection import Connection
from domain.facts import Facts
from domain.history import Cause, ConnectionEvent
from domain.identifiers import ConnectionId, JunctionUserId, PatientId, RequestId
from domain.ledger import JunctionUserOnRecord
from domain.provider import Listing, ProviderName, Slug

_NOW: Final = datetime.now(UTC)
_LINKED: Final = _NOW - timedelta(days=90)
_SEEN: Final = _NOW - timedelta(days=1)
_SLUG: Final = Slug("oura")

# Nothing of a file is of use until all of it is there, so that nothing guards it meanwhile. The
# biggest table and its indexes stay in memory while rows go anywhere in them.
_CARELESS: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA cache_size = -3000000;
"""


def patient(n: int) -> PatientId:
    return PatientId(_scattered(b"patient %d" % n))


def user(n: int) -> JunctionUserId:
    return JunctionUserId(_scattered(b"user %d" % n))


NAMES: Final = ledger.Names(patient, user)
"""The first of them are the ledger's."""


def fill(file: Path, count: int) -> None:
    """The ledger, and `count` connections of others."""
    ledger.fill_ours(file, NAMES)
    with closing(sqlite3.connect(file)) as database:
        database.executescript(_CARELESS)
        for table, those in (
            ("junction_users", _users(count)),
            ("connections", _connections(count)),
            ("connection_events", _events(count)),
        ):
            with database:
                _insert(database, table, those)


def renew(file: Path) -> None:
    """Every token is unused again, and nobody linked with one."""
    linked = "WHERE patient_id IN (SELECT patient_id FROM link_tokens WHERE bound_to IS NOT NULL)"
    with closing(sqlite3.connect(file, timeout=60)) as database:
        with database:
            database.execute(f"DELETE FROM connections {linked}")  # noqa: S608  (a constant)
            database.execute(f"DELETE FROM connection_events {linked}")  # noqa: S608
            database.execute("UPDATE link_tokens SET bound_to = NULL WHERE bound_to IS NOT NULL")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def count_in(file: Path) -> tuple[int, int]:
    """How many connections and events there are."""
    with closing(sqlite3.connect(file)) as database:
        counts = (
            database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  (constants)
            for table in ("connections", "connection_events")
        )
        connections, events = counts
    return connections, events


def _insert(database: sqlite3.Connection, table: str, those: Iterable[rows.Row]) -> None:
    those = iter(those)
    for first in those:
        marks = ", ".join("?" * len(first))
        insert = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608  (constants)
        database.execute(insert, first)
        database.executemany(insert, those)


def _users(count: int) -> Iterator[rows.Row]:
    _, _, *rest = rows.user_row(
        JunctionUserOnRecord(
            id=user(0), patient_id=patient(0), team_id=None, minted_at=_LINKED, looked_at=_SEEN
        )
    )
    for n in _others(count):
        yield user(n), patient(n), *rest


def _connections(count: int) -> Iterator[rows.Row]:
    """Each was last looked at a moment after the one before it."""
    listing = Listing(slug=_SLUG, status="connected", created_on=_LINKED)
    _, _, provider, _, seen_at, *rest = rows.connection_row(
        Connection(
            id=_id(0),
            patient_id=patient(0),
            provider=ProviderName(_SLUG),
            junction_user_id=user(0),
            facts=Facts.observed(listing, asked_at=_SEEN, heard_at=_LINKED),
        )
    )
    for n in _others(count):
        yield str(_id(n)), patient(n), provider, user(n), seen_at + n, *rest


def _events(count: int) -> Iterator[rows.Row]:
    _, at, _, _, *rest = rows.event_row(
        ConnectionEvent(
            id=_id(0),
            at=_LINKED,
            patient_id=patient(0),
            connection_id=_id(0),
            provider=ProviderName(_SLUG),
            cause=Cause.EXCHANGE,
            outcome="connected",
            error_type=None,
            request_id=RequestId(str(_id(0))),
        )
    )
    for n in _others(count):
        # Its connection has another id of the same moment, which is all the same to an index.
        yield str(_id(n)), at + n, patient(n), str(_id(n)), *rest


def _others(count: int) -> range:
    return range(ledger.TOKENS, ledger.TOKENS + count)


def _id(n: int) -> ConnectionId:
    return ConnectionId(uuid7(_LINKED + timedelta(milliseconds=n)))


def _scattered(name: bytes) -> str:
    """As long as a UUID, spelled like one, and the same each time."""
    digits = blake2b(name, digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
