"""FastAPI, aiohttp and SQLAlchemy Core on one connection, which one transaction at a time has."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import aiohttp
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import Row, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bench.peers import common
from bench.peers.tables import connection_events, connections, durable, link_tokens


class ExchangeRequest(BaseModel):
    link_token: Annotated[str, Field(min_length=1)]
    provider: common.Provider | None = None


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
        aiohttp.ClientSession(
            os.environ["JUNCTION_URL"],
            headers=common.JUNCTION_HEADERS,
            timeout=aiohttp.ClientTimeout(total=common.TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as app.state.junction,
        engine.connect() as connection,
    ):
        app.state.store = Store(connection)
        yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


def patient(authorization: Annotated[str | None, Header()] = None) -> str:
    return common.patient_of(authorization)


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
    patient_id: Annotated[str, Depends(patient)],
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


def shown(row: Row[Any]) -> ConnectionResponse:
    return ConnectionResponse(**common.as_json(tuple(row)))


async def providers(junction: aiohttp.ClientSession, user_id: str) -> list[tuple[str, str]]:
    try:
        async with junction.get(f"/v2/user/providers/{user_id}") as response:
            response.raise_for_status()
            listed = await response.json()
            return [(row["slug"], row["status"]) for row in listed["providers"]]
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError) as error:
        raise common.junction_failed() from error


@app.exception_handler(common.Refusal)
async def refuse(_: Request, refusal: common.Refusal) -> JSONResponse:
    return JSONResponse(refusal.body, refusal.status, headers=common.NO_STORE)


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    return await refuse(request, common.invalid_request(f"{field}: {first['msg']}"))
