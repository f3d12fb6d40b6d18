"""FastAPI, aiohttp and a pool of asyncpg's, for PostgreSQL."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Annotated

import aiohttp
import asyncpg
from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from bench.peers import common


class ExchangeRequest(BaseModel):
    link_token: Annotated[str, Field(min_length=1)]
    provider: common.Provider | None = None


def numbered(statement: str) -> str:
    """With PostgreSQL's marks."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement)


FIND_TOKEN, GET_CONNECTION, UPSERT, BIND, APPEND = map(
    numbered,
    (common.FIND_TOKEN, common.GET_CONNECTION, common.UPSERT, common.BIND, common.APPEND),
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with (
        aiohttp.ClientSession(
            os.environ["JUNCTION_URL"],
            headers=common.JUNCTION_HEADERS,
            timeout=aiohttp.ClientTimeout(total=common.TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as app.state.junction,
        asyncpg.create_pool(os.environ["DATABASE"], min_size=10, max_size=10) as app.state.pool,
    ):
        yield


app = FastAPI(lifespan=lifespan)


def patient(authorization: Annotated[str | None, Header()] = None) -> str:
    return common.patient_of(authorization)


@app.post(common.EXCHANGE)
async def exchange(
    request: Request, body: ExchangeRequest, patient_id: Annotated[str, Depends(patient)]
) -> JSONResponse:
    pool: asyncpg.Pool = request.app.state.pool
    digest = common.digest(body.link_token)
    token = await pool.fetchrow(FIND_TOKEN, digest)
    if token is None or token["patient_id"] != patient_id or token["expires_at"] < common.now():
        raise common.invalid_link_token()
    if token["bound_to"] is not None:
        return created(await pool.fetchrow(GET_CONNECTION, token["bound_to"]))
    user_id = token["junction_user_id"]
    listed = await providers(request.app.state.junction, user_id)
    provider = common.chosen(listed, body.provider or token["provider"])

    at = common.now()
    row = (common.new_id(), patient_id, provider, user_id, at)
    async with pool.acquire() as database, database.transaction():
        stored = await database.fetchrow(UPSERT, *row)
        if await database.execute(BIND, stored["id"], digest) == "UPDATE 1":
            event = (patient_id, stored["id"], provider, "exchange", "connected", common.new_id())
            await database.execute(APPEND, common.new_id(), at, *event)
    return created(stored)


@app.exception_handler(common.Refusal)
async def refuse(_: Request, refusal: common.Refusal) -> JSONResponse:
    return JSONResponse(refusal.body, refusal.status, headers=common.NO_STORE)


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(map(str, first["loc"]))
    return await refuse(request, common.invalid_request(f"{field}: {first['msg']}"))


def created(row: asyncpg.Record) -> JSONResponse:
    return JSONResponse(common.as_json(tuple(row)), 201, headers=common.NO_STORE)


async def providers(junction: aiohttp.ClientSession, user_id: str) -> list[tuple[str, str]]:
    try:
        async with junction.get(f"/v2/user/providers/{user_id}") as response:
            response.raise_for_status()
            listed = await response.json()
            return [(row["slug"], row["status"]) for row in listed["providers"]]
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError) as error:
        raise common.junction_failed() from error
