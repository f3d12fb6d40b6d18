"""FastAPI, pydantic, httpx and SQLAlchemy's ORM on aiosqlite: as people write it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bench.peers import common
from bench.peers.fastapi_edge import (
    ExchangeRequest,
    Patient,
    WebhookRequest,
    answer_refusals,
    signed_event,
)
from bench.peers.records import Connection, ConnectionEvent, LinkToken
from bench.peers.tables import durable


class ConnectionResponse(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    patient_id: str
    provider: str
    junction_user_id: str
    status: str
    connected_at: datetime
    last_synced_at: datetime | None


class ConnectionsResponse(BaseModel):
    connections: list[ConnectionResponse]


class WebhookResponse(BaseModel):
    received: bool = True
    event: str
    matched_connections: int


class ProviderRow(BaseModel):
    slug: str
    status: str


class Providers(BaseModel):
    providers: list[ProviderRow]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = durable(create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATABASE']}"))
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with httpx.AsyncClient(
        base_url=os.environ["JUNCTION_URL"],
        headers=common.JUNCTION_HEADERS,
        timeout=common.TIMEOUT,
    ) as app.state.junction:
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
answer_refusals(app)


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as opened:
        yield opened


def junction(request: Request) -> httpx.AsyncClient:
    client: httpx.AsyncClient = request.app.state.junction
    return client


def no_store(response: Response) -> None:
    response.headers.update(common.NO_STORE)


Database = Annotated[AsyncSession, Depends(session)]


@app.post(common.EXCHANGE, status_code=201, dependencies=[Depends(no_store)])
async def exchange(
    body: ExchangeRequest,
    patient_id: Patient,
    database: Database,
    client: Annotated[httpx.AsyncClient, Depends(junction)],
) -> ConnectionResponse:
    async with database.begin():
        token = await database.get(LinkToken, common.digest(body.link_token))
        if token is None or token.patient_id != patient_id or token.expires_at < datetime.now(UTC):
            raise common.invalid_link_token()
        if token.bound_to is not None:
            stored = await database.get_one(Connection, token.bound_to)
            return ConnectionResponse.model_validate(stored)

    # No transaction and no connection of the pool's is held meanwhile.
    listed = await providers(client, token.junction_user_id)
    provider = common.chosen(listed, body.provider or token.provider)
    async with database.begin():
        return ConnectionResponse.model_validate(await connect(database, token, provider))


@app.get(common.CONNECTIONS, dependencies=[Depends(no_store)])
async def connections(patient_id: Patient, database: Database) -> ConnectionsResponse:
    found = await database.scalars(
        select(Connection).where(Connection.patient_id == patient_id).order_by(Connection.id)
    )
    return ConnectionsResponse(
        connections=[ConnectionResponse.model_validate(each) for each in found]
    )


@app.post(common.WEBHOOK, dependencies=[Depends(no_store)])
async def webhook(request: Request, database: Database) -> WebhookResponse:
    sent = await request.body()
    event = signed_event(request, sent, os.environ["WEBHOOK_SECRET"])
    async with database.begin():
        matched = await move(database, event)
    return WebhookResponse(event=event.event_type, matched_connections=matched)


async def connect(database: AsyncSession, token: LinkToken, provider: str) -> Connection:
    """An upsert, and not a look and a write: a writer that began as a reader may be locked out."""
    new = insert(Connection).values(
        patient_id=token.patient_id,
        provider=provider,
        junction_user_id=token.junction_user_id,
        status="connected",
        connected_at=datetime.now(UTC),
    )
    upsert = new.on_conflict_do_update(
        index_elements=["patient_id", "provider"],
        set_={name: new.excluded[name] for name in ("junction_user_id", "status", "connected_at")},
    )
    connection = (await database.scalars(upsert.returning(Connection))).one()
    bound = await database.execute(
        update(LinkToken)
        .where(LinkToken.digest == token.digest, LinkToken.bound_to.is_(None))
        .values(bound_to=connection.id)
    )
    if bound.rowcount:
        database.add(event_of(connection, cause="exchange"))
    return connection


async def move(database: AsyncSession, event: WebhookRequest) -> int:
    """How many connections the event is about; each is of the status that it says, from now on."""
    status = common.STATUS_AFTER.get(event.event_type)
    if status is None:
        return 0
    provider = common.provider_of(common.slug_in(event.data))
    moved = await database.scalars(
        update(Connection)
        .where(Connection.junction_user_id == event.user_id, Connection.provider == provider)
        .values(status=status)
        .returning(Connection)
    )
    events = [event_of(each, cause=event.event_type) for each in moved]
    database.add_all(events)
    return len(events)


def event_of(connection: Connection, *, cause: str) -> ConnectionEvent:
    return ConnectionEvent(
        at=datetime.now(UTC),
        patient_id=connection.patient_id,
        connection_id=connection.id,
        provider=connection.provider,
        cause=cause,
        outcome=connection.status,
    )


async def providers(client: httpx.AsyncClient, user_id: str) -> list[tuple[str, str]]:
    try:
        response = await client.get(f"/v2/user/providers/{user_id}")
        listed = Providers.model_validate_json(response.raise_for_status().content)
    except (httpx.HTTPError, ValidationError) as error:
        raise common.junction_failed() from error
    return [(row.slug, row.status) for row in listed.providers]
