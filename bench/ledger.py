"""The 100,000 link tokens that every candidate has on record, and who they belong to."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.persistence import rows
from adapters.persistence.sqlite_schema import prepare_sqlite
from domain.identifiers import JunctionUserId, PatientId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.link_token import LinkToken

TOKENS: Final = 100_000

PEERS_SCHEMA: Final = Path(__file__).with_name("peers") / "schema.sql"
_MINTED: Final = datetime.now(UTC)
_DAY: Final = timedelta(days=1)  # no token shall expire while it is waiting to be measured

# Whoever is not a patient of the ledger was there before, and stays.
_MEASURED: Final = "patient_id BETWEEN 'patient-' AND 'patient-~'"


def token(n: int) -> str:
    return f"link-token-{n:06}-of-the-measured-ledger"


def patient(n: int) -> PatientId:
    return PatientId(f"patient-{n:06}")


def user(n: int) -> JunctionUserId:
    return JunctionUserId(f"{n:08x}-0000-4000-8000-000000000000")


@dataclass(frozen=True, slots=True)
class Names:
    """Who the token of a number belongs to, here and at Junction."""

    patient: Callable[[int], PatientId]
    user: Callable[[int], JunctionUserId]


NAMES: Final = Names(patient, user)


def fill_ours(file: Path, names: Names = NAMES) -> None:
    """A database of this service's, as staging has it."""
    prepare_sqlite(file, staging=True)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("PRAGMA cache_size = -200000")  # names may come in any order
        database.executemany(
            "INSERT INTO junction_users VALUES (?, ?, ?, ?, ?)", map(rows.user_row, users(names))
        )
        database.executemany(
            "INSERT INTO link_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            map(rows.entry_row, entries(names)),
        )


def fill_peers(file: Path) -> None:
    """The same tokens in the tables that the peers share."""
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(PEERS_SCHEMA.read_text())
        with database:
            database.executemany(
                "INSERT INTO link_tokens VALUES (?, ?, ?, ?, ?, ?, ?)",
                (rows.entry_row(entry)[:7] for entry in entries()),
            )


def renew(file: Path) -> None:
    """Every token is unused again, and nobody linked with one."""
    with closing(sqlite3.connect(file, timeout=30)) as database:
        with database:
            database.execute("UPDATE link_tokens SET bound_to = NULL WHERE bound_to IS NOT NULL")
            database.execute(f"DELETE FROM connections WHERE {_MEASURED}")  # noqa: S608  (a constant)
            database.execute(f"DELETE FROM connection_events WHERE {_MEASURED}")  # noqa: S608
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def users(names: Names = NAMES) -> Iterator[JunctionUserOnRecord]:
    for n in range(TOKENS):
        yield JunctionUserOnRecord(
            id=names.user(n), patient_id=names.patient(n), team_id=None, minted_at=_MINTED
        )


def entries(names: Names = NAMES) -> Iterator[LedgerEntry]:
    for n in range(TOKENS):
        yield LedgerEntry(
            digest=LinkToken(token(n)).digest,
            patient_id=names.patient(n),
            junction_user_id=names.user(n),
            provider=None,
            minted_at=_MINTED,
            expires_at=_MINTED + _DAY,
            bound_to=None,
        )
