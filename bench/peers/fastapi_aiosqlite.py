"""FastAPI, aiohttp and bare aiosqlite: the leanest that one can write with FastAPI."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosqlite
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from bench.peers import common
from bench.peers.aiohttp_junction import open_session, providers
from bench.peers.fastapi_edge import (
    ExchangeRequest,
    Patient,
    WebhookRequest,
    answer_refusals,
    signed_event,
)


class Store:
    """A connection that writes, behind a lock, and one that reads."""

    def __init__(self, reader: aiosqlite.Connection, writer: aiosqlite.Connection) -> None:
        self.reader = reader
        self._writer = writer
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        async with self._lock:
            await self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                await self._writer.execute("COMMIT")
            except BaseException:
                await self._writer.execute("ROLLBACK")
                raise

    async def first(self, statement: str, parameter: str) -> common.Row | None:
        rows = await self.reader.execute_fetchall(statement, (parameter,))
        return next(iter(rows), None)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    path = os.environ["DATABASE"]
    async with (
        open_session() as app.state.junction,
        aiosqlite.connect(path, isolation_level=None) as reader,
        aiosqlite.connect(path, isolation_level=None) as writer,
    ):
        await reader.executescript(common.PRAGMAS)
        await writer.executescript(common.PRAGMAS)
        app.state.store = Store(reader, writer)
        yield


app = FastAPI(lifespan=lifespan)
answer_refusals(app)


@app.post(common.EXCHANGE)
async def exchange(request: Request, body: ExchangeRequest, patient_id: Patient) -> JSONResponse:
    store: Store = request.app.state.store
    digest = common.digest(body.link_token)
    token = await store.first(common.FIND_TOKEN, digest)
    if token is None or token[0] != patient_id or token[3] < common.now():
        raise common.invalid_link_token()
    _, user_id, minted_for, _, bound_to = token
    if bound_to is not None:
        return created(await store.first(common.GET_CONNECTION, bound_to))
    listed = await providers(request.app.state.junction, user_id)
    provider = common.chosen(listed, body.provider or minted_for)

    at = common.now()
    row = (common.new_id(), patient_id, provider, user_id, at)
    async with store.transaction() as writer:
        [stored] = await writer.execute_fetchall(common.UPSERT, row)
        bound = await writer.execute(common.BIND, (stored[0], digest))
        if bound.rowcount:
            event = (patient_id, stored[0], provider, "exchange", "connected", common.new_id())
            await writer.execute(common.APPEND, (common.new_id(), at, *event))
    return created(stored)


@app.get(common.CONNECTIONS)
async def connections(request: Request, patient_id: Patient) -> JSONResponse:
    store: Store = request.app.state.store
    rows = await store.reader.execute_fetchall(common.LIST_CONNECTIONS, (patient_id,))
    return JSONResponse(
        {"connections": [common.as_json(row) for row in rows]}, headers=common.NO_STORE
    )


@app.post(common.WEBHOOK)
async def webhook(request: Request) -> JSONResponse:
    sent = await request.body()
    event = signed_event(request, sent, os.environ["WEBHOOK_SECRET"])
    matched = await move(request.app.state.store, event)
    return JSONResponse(
        {"received": True, "event": event.event_type, "matched_connections": matched},
        headers=common.NO_STORE,
    )


def created(row: common.Row) -> JSONResponse:
    return JSONResponse(common.as_json(row), 201, headers=common.NO_STORE)


async def move(store: Store, event: WebhookRequest) -> int:
    """How many connections the event is about; each is of the status that it says, from now on."""
    status = common.STATUS_AFTER.get(event.event_type)
    if status is None:
        return 0
    provider = common.provider_of(common.slug_in(event.data))
    async with store.transaction() as writer:
        moved = list(await writer.execute_fetchall(common.MOVE, (status, event.user_id, provider)))
        for connection_id, patient_id in moved:
            said = (patient_id, connection_id, provider, event.event_type, status, common.new_id())
            await writer.execute(common.APPEND, (common.new_id(), common.now(), *said))
    return len(moved)
