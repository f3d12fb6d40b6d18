"""The tables of `schema.sql` for SQLAlchemy Core, and an engine that loses nothing."""

from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

from bench.peers import common

_metadata: Final = MetaData()

link_tokens: Final = Table(
    "link_tokens",
    _metadata,
    Column("digest", Text, primary_key=True),
    Column("patient_id", Text, nullable=False),
    Column("junction_user_id", Text, nullable=False),
    Column("provider", Text),
    Column("minted_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("bound_to", Text),
)

connections: Final = Table(
    "connections",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("patient_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("junction_user_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("connected_at", BigInteger, nullable=False),
    Column("last_synced_at", BigInteger),
)

connection_events: Final = Table(
    "connection_events",
    _metadata,
    Column("id", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("patient_id", Text, nullable=False),
    Column("connection_id", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("request_id", Text, nullable=False),
)


def durable(engine: AsyncEngine) -> AsyncEngine:
    """Each connection of the engine's waits for its turn, and each commit survives a power cut."""

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in filter(None, map(str.strip, common.PRAGMAS.split(";"))):
            cursor.execute(pragma)
        cursor.close()

    return engine
