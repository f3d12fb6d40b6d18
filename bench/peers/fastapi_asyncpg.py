"""FastAPI, aiohttp and a pool of asyncpg's, for PostgreSQL."""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bench.peers import common
from bench.peers.aiohttp_junction import open_session, providers
from bench.peers.fastapi_edge import ExchangeRequest, Patient, answer_refusals


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
        open_session() as app.state.junction,
        asyncpg.create_pool(os.environ["DATABASE"], min_size=10, max_size=10) as app.state.pool,
    ):
        yield


app = FastAPI(lifespan=lifespan)
answer_refusals(app)


@app.post(common.EXCHANGE)
async def exchange(request: Request, body: ExchangeRequest, patient_id: Patient) -> JSONResponse:
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


def created(row: asyncpg.Record) -> JSONResponse:
    return JSONResponse(common.as_json(tuple(row)), 201, headers=common.NO_STORE)
