"""FastAPI, aiohttp and SQLAlchemy Core on one connection, which one transaction at a time has."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bench.peers import common
from bench.peers.aiohttp_junction import open_session, providers
from bench.peers.fastapi_edge import ExchangeRequest, Patient, answer_refusals
from bench.peers.tables import connect, connections, durable, link_tokens


class Store:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        async with self._lock, self._connection.begin():
            yield self._connection


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = durable(create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATABASE']}"))
    async with (
        open_session() as app.state.junction,
        engine.connect() as connection,
    ):
        app.state.store = Store(connection)
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
answer_refusals(app)


class ConnectionResponse(BaseModel):
    id: str
    patient_id: str
    provider: str
    junction_user_id: str
    status: str
    connected_at: str
    last_synced_at: str | None


@app.post(common.EXCHANGE, status_code=201)
async def exchange(
    request: Request,
    response: Response,
    body: ExchangeRequest,
    patient_id: Patient,
) -> ConnectionResponse:
    response.headers.update(common.NO_STORE)
    store: Store = request.app.state.store
    digest = common.digest(body.link_token)
    async with store.transaction() as database:
        found = await database.execute(select(link_tokens).where(link_tokens.c.digest == digest))
        token = found.one_or_none()
        if token is None or token.patient_id != patient_id or token.expires_at < common.now():
            raise common.invalid_link_token()
        if token.bound_to is not None:
            bound_to = select(connections).where(connections.c.id == token.bound_to)
            return shown((await database.execute(bound_to)).one())

    listed = await providers(request.app.state.junction, token.junction_user_id)
    provider = common.chosen(listed, body.provider or token.provider)
    async with store.transaction() as database:
        return shown(await connect(database, token, provider))


def shown(row: Row[Any]) -> ConnectionResponse:
    return ConnectionResponse(**common.as_json(tuple(row)))
