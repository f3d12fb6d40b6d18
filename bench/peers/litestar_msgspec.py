"""Litestar, msgspec, httpx and SQLAlchemy Core on the usual pool."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import msgspec
from litestar import Litestar, Request, Response, post
from litestar.datastructures import CacheControlHeader, State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import ClientException
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import create_async_engine

from bench.peers import common
from bench.peers.tables import connect, connections, durable, link_tokens


class ExchangeRequest(msgspec.Struct):
    link_token: Annotated[str, msgspec.Meta(min_length=1)]
    provider: common.Provider | None = None


class ProviderRow(msgspec.Struct):
    slug: str
    status: str


class Providers(msgspec.Struct):
    providers: list[ProviderRow]


class ConnectionResponse(msgspec.Struct):
    id: str
    patient_id: str
    provider: str
    junction_user_id: str
    status: str
    connected_at: str
    last_synced_at: str | None


def patient(request: Request[Any, Any, State]) -> str:
    return common.patient_of(request.headers.get("Authorization"))


@post(
    common.EXCHANGE,
    dependencies={"patient_id": Provide(patient, sync_to_thread=False)},
    cache_control=CacheControlHeader(no_store=True),
)
async def exchange(
    data: ExchangeRequest, patient_id: NamedDependency[str], state: State
) -> ConnectionResponse:
    digest = common.digest(data.link_token)
    async with state.engine.connect() as database:
        found = await database.execute(select(link_tokens).where(link_tokens.c.digest == digest))
        token = found.one_or_none()
        if token is None or token.patient_id != patient_id or token.expires_at < common.now():
            raise common.invalid_link_token()
        if token.bound_to is not None:
            bound_to = select(connections).where(connections.c.id == token.bound_to)
            return shown((await database.execute(bound_to)).one())

    listed = await providers(state.junction, token.junction_user_id)
    provider = common.chosen(listed, data.provider or token.provider)
    async with state.engine.begin() as database:
        return shown(await connect(database, token, provider))


def shown(row: Row[Any]) -> ConnectionResponse:
    return ConnectionResponse(**common.as_json(tuple(row)))


async def providers(client: httpx.AsyncClient, user_id: str) -> list[tuple[str, str]]:
    try:
        response = await client.get(f"/v2/user/providers/{user_id}")
        listed = msgspec.json.decode(response.raise_for_status().content, type=Providers)
    except (httpx.HTTPError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise common.junction_failed() from error
    return [(row.slug, row.status) for row in listed.providers]


def refuse(_: Request[Any, Any, State], refusal: common.Refusal) -> Response[dict[str, str]]:
    return Response(refusal.body, status_code=refusal.status, headers=common.NO_STORE)


def invalid(request: Request[Any, Any, State], error: ClientException) -> Response[dict[str, str]]:
    return refuse(request, common.invalid_request(error.detail))


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncIterator[None]:
    app.state.engine = durable(
        create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATABASE']}")
    )
    async with httpx.AsyncClient(
        base_url=os.environ["JUNCTION_URL"],
        headers=common.JUNCTION_HEADERS,
        timeout=common.TIMEOUT,
    ) as app.state.junction:
        yield
    await app.state.engine.dispose()


app = Litestar(
    [exchange],
    lifespan=[lifespan],
    exception_handlers={common.Refusal: refuse, ClientException: invalid},
    openapi_config=None,
    logging_config=None,  # by default every call of httpx's is a line of the log
)
