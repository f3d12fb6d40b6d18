"""The hand-made floor: Starlette's router, aiohttp and SQLite in threads of its own, no extras.

As quick as one can make it of the same parts. Every write is committed with those that wait.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from starlette.datastructures import Headers
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from bench.peers import common, floor_wire
from bench.peers.floor_store import Exchanged, Moved, Writer, new_id
from bench.peers.floor_threads import Reader
from bench.peers.floor_wire import (
    UNREADABLE,
    Connection,
    ProviderRow,
    encode,
    exchange_request,
    webhook_request,
)


class Junction:
    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    def headers(self) -> dict[str, str] | None:
        """Those of one call, beside the session's."""
        return None

    async def providers(self, user_id: str) -> list[ProviderRow]:
        path = f"/v2/user/providers/{user_id}"
        try:
            async with self._session.get(path, headers=self.headers()) as response:
                if response.status != 200:
                    raise common.junction_failed()
                return floor_wire.providers.decode(await response.read()).providers
        except (aiohttp.ClientError, TimeoutError, *UNREADABLE) as error:
            raise common.junction_failed() from error


class Floor:
    """The endpoints, as plain ASGI."""

    def __init__(self, junction: Junction, reader: Reader, writer: Writer) -> None:
        self._junction = junction
        self._reader = reader
        self._writer = writer

    async def exchange(self, scope: Scope, receive: Receive) -> tuple[int, object]:
        patient_id = common.patient_of(_authorization(scope))
        try:
            asked = exchange_request.decode(await _body(receive))
        except UNREADABLE as error:
            raise common.invalid_request(str(error)) from error
        digest = common.digest(asked.link_token)
        [token] = await self._reader.ask(common.FIND_TOKEN, digest) or [None]
        if token is None or token[0] != patient_id or token[3] < common.now():
            raise common.invalid_link_token()
        _, user_id, minted_for, _, bound_to = token
        if bound_to is not None:
            [stored] = await self._reader.ask(common.GET_CONNECTION, bound_to)
            return 201, Connection.of(stored)
        listed = [(row.slug, row.status) for row in await self._junction.providers(user_id)]
        provider = common.chosen(listed, asked.provider or minted_for)
        at = common.now()
        new = Exchanged(new_id(), patient_id, provider, user_id, at, digest, new_id())
        return 201, Connection.of(await self._writer.save(new))

    async def connections(self, scope: Scope, _: Receive) -> tuple[int, object]:
        patient_id = common.patient_of(_authorization(scope))
        rows = await self._reader.ask(common.LIST_CONNECTIONS, patient_id)
        return 200, {"connections": [Connection.of(row) for row in rows]}

    async def webhook(self, scope: Scope, receive: Receive) -> tuple[int, object]:
        sent = await _body(receive)
        common.check_signature(Headers(scope=scope), sent, os.environ["WEBHOOK_SECRET"])
        try:
            event = webhook_request.decode(sent)
        except UNREADABLE as error:
            raise common.invalid_request(str(error)) from error
        matched = 0
        if status := common.STATUS_AFTER.get(event.event_type):
            provider = common.provider_of(common.slug_in(event.data))
            cause, at = event.event_type, common.now()
            moved = Moved(event.user_id, provider, status, at, cause, new_id())
            matched = await self._writer.save(moved)
        return 200, {
            "received": True,
            "event": event.event_type,
            "matched_connections": matched,
        }


class Endpoint:
    """An instance is an ASGI app to Starlette, which spares the request and the response."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = getattr(scope["state"]["floor"], self._name)
            status, body = await answer(scope, receive)
        except common.Refusal as refusal:
            status, body = refusal.status, refusal.body
        encoded = encode(body)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(encoded)),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": encoded})


def build(junction: type[Junction] = Junction) -> Router:
    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[dict[str, Floor]]:
        loop, path = asyncio.get_running_loop(), os.environ["DATABASE"]
        with Reader(path, loop) as reader, Writer(path, loop) as writer:
            async with aiohttp.ClientSession(
                os.environ["JUNCTION_URL"],
                headers=common.JUNCTION_HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                connector=aiohttp.TCPConnector(limit=512),
                timeout=aiohttp.ClientTimeout(total=common.TIMEOUT),
                skip_auto_headers=("Accept-Encoding", "User-Agent"),
            ) as session:
                yield {"floor": Floor(junction(session), reader, writer)}

    return Router(
        [
            Route(common.EXCHANGE, Endpoint("exchange"), methods=["POST"]),
            Route(common.CONNECTIONS, Endpoint("connections"), methods=["GET"]),
            Route(common.WEBHOOK, Endpoint("webhook"), methods=["POST"]),
        ],
        lifespan=lifespan,
    )


def _authorization(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return str(value, "latin-1")
    return None


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


app = build()
