"""The schema, described once: statements are made from it, and migrations are held against it.

Times are microseconds since 1970, ids are text: the same on every database there is.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata: Final = MetaData()


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


junction_users: Final = Table(
    "junction_users",
    metadata,
    Column("junction_user_id", Text, primary_key=True),
    _text("patient_id"),
    _text("team_id", nullable=True),
    _time("minted_at"),
    _time("looked_at", nullable=True),
    Index("junction_users_of_patient", "patient_id", "minted_at"),
)

link_tokens: Final = Table(
    "link_tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    _text("patient_id"),
    _text("junction_user_id"),
    _text("provider", nullable=True),
    _time("minted_at"),
    _time("expires_at"),
    _text("bound_to", nullable=True),
    Column("minted_here", SmallInteger, nullable=False, server_default="1"),
    Index("link_tokens_of_patient", "patient_id"),
    Index(
        "link_tokens_unbound_by_age",
        "expires_at",
        sqlite_where=text("bound_to IS NULL"),
        postgresql_where=text("bound_to IS NULL"),
    ),
)

connections: Final = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
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
    Column("status", Text, nullable=False, server_default="pending"),
    UniqueConstraint("patient_id", "provider", name="connections_of_patient"),
    Index("connections_of_junction_user", "junction_user_id"),
    Index("connections_by_staleness", "status", "seen_at", "id"),
)

connection_events: Final = Table(
    "connection_events",
    metadata,
    Column("id", Text, primary_key=True),
    _time("at"),
    _text("patient_id"),
    _text("connection_id", nullable=True),
    _text("provider", nullable=True),
    _text("cause"),
    _text("outcome"),
    _text("error_type", nullable=True),
    _text("request_id"),
    Index("connection_events_of_patient", "patient_id", "connection_id", "id"),
)

webhook_deliveries: Final = Table(
    "webhook_deliveries",
    metadata,
    Column("message_id", Text, primary_key=True),
    _time("heard_at"),
    Index("webhook_deliveries_by_age", "heard_at"),
)

# What this database is for; `staging` is the one mark there is.
database_marks: Final = Table("database_marks", metadata, Column("mark", Text, primary_key=True))
