"""The tables of `schema.sql` for SQLAlchemy Core, and what an exchange does to them."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, MetaData, Row, Table, Text, event, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
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


async def connect(database: AsyncConnection, token: Row[Any], provider: str) -> Row[Any]:
    at = common.now()
    new = insert(connections).values(
        id=common.new_id(),
        patient_id=token.patient_id,
        provider=provider,
        junction_user_id=token.junction_user_id,
        status="connected",
        connected_at=at,
    )
    upsert = new.on_conflict_do_update(
        index_elements=["patient_id", "provider"],
        set_={name: new.excluded[name] for name in ("junction_user_id", "status", "connected_at")},
    )
    stored = (await database.execute(upsert.returning(*connections.c))).one()
    binding = (
        update(link_tokens)
        .where(link_tokens.c.digest == token.digest, link_tokens.c.bound_to.is_(None))
        .values(bound_to=stored.id)
    )
    if (await database.execute(binding)).rowcount:
        event = {
            "id": common.new_id(),
            "at": at,
            "patient_id": token.patient_id,
            "connection_id": stored.id,
            "provider": provider,
            "cause": "exchange",
            "outcome": "connected",
            "request_id": common.new_id(),
        }
        await database.execute(insert(connection_events).values(event))
    return stored
