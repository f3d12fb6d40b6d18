"""The schema, described once: statements are made from it, and migrations are held against it.

Times are microseconds since 1970, ids are text: the same on every database there is. It is told
in words of our own: a service on SQLite would import SQLAlchemy for nothing else (docs/adr/0015).
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Kind(Enum):
    """What a column holds."""

    TEXT = auto()
    TIME = auto()
    FLAG = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`default` is for rows that were there before the column was."""

    name: str
    kind: Kind = Kind.TEXT
    is_key: bool = False
    is_nullable: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """`where` narrows it down to the rows that it is for."""

    name: str
    columns: tuple[str, ...]
    where: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unique:
    """Of these columns together no two rows have the same."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Its columns, in order, and what is kept so that rows are found by them."""

    name: str
    columns: tuple[Column, ...]
    indexes: tuple[Index | Unique, ...] = ()

    @property
    def key(self) -> Column:
        [key] = (column for column in self.columns if column.is_key)
        return key


def _key(name: str) -> Column:
    return Column(name=name, is_key=True)


def _text(name: str, *, nullable: bool = False) -> Column:
    return Column(name=name, is_nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> Column:
    return Column(name=name, kind=Kind.TIME, is_nullable=nullable)


junction_users: Final = Table(
    "junction_users",
    (
        _key("junction_user_id"),
        _text("patient_id"),
        _text("team_id", nullable=True),
        _time("minted_at"),
        _time("looked_at", nullable=True),
    ),
    (Index(name="junction_users_of_patient", columns=("patient_id", "minted_at")),),
)

link_tokens: Final = Table(
    "link_tokens",
    (
        _key("digest"),
        _text("patient_id"),
        _text("junction_user_id"),
        _text("provider", nullable=True),
        _time("minted_at"),
        _time("expires_at"),
        _text("bound_to", nullable=True),
        Column(name="minted_here", kind=Kind.FLAG, default="1"),
    ),
    (
        Index(name="link_tokens_of_patient", columns=("patient_id",)),
        Index(
            name="link_tokens_unbound_by_age",
            columns=("expires_at",),
            where="bound_to IS NULL",
        ),
    ),
)

connections: Final = Table(
    "connections",
    (
        _key("id"),
        _text("patient_id"),
        _text("provider"),
        _text("junction_user_id"),
        _time("seen_at"),
        _text("seen_slug", nullable=True),
        _text("seen_status", nullable=True),
        _time("seen_created_on", nullable=True),
        _text("seen_error_type", nullable=True),
        _time("opened_at"),
        _time("listed_at", nullable=True),
        _time("listed_created_on", nullable=True),
        _time("sought_at", nullable=True),
        _time("let_go_at", nullable=True),
        _time("last_synced_at", nullable=True),
        # What the facts come to: stored beside them only so that it can be searched for.
        Column(name="status", default="pending"),
    ),
    (
        Unique(name="connections_of_patient", columns=("patient_id", "provider")),
        Index(name="connections_by_staleness", columns=("status", "seen_at", "id")),
    ),
)

connection_events: Final = Table(
    "connection_events",
    (
        _key("id"),
        _time("at"),
        _text("patient_id"),
        _text("connection_id", nullable=True),
        _text("provider", nullable=True),
        _text("cause"),
        _text("outcome"),
        _text("error_type", nullable=True),
        _text("request_id"),
    ),
    (Index(name="connection_events_of_patient", columns=("patient_id", "connection_id", "id")),),
)

webhook_deliveries: Final = Table(
    "webhook_deliveries",
    (_key("message_id"), _time("heard_at")),
    (Index(name="webhook_deliveries_by_age", columns=("heard_at",)),),
)

# What this database is for; `staging` is the one mark there is.
database_marks: Final = Table("database_marks", (_key("mark"),))

TABLES: Final = (
    junction_users,
    link_tokens,
    connections,
    connection_events,
    webhook_deliveries,
    database_marks,
)
