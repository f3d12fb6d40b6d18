"""Connections that were kept, and that the upstream closed meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import msgspec

from adapters.junction.http import HttpJunctionGateway
from tests.adapters.upstream import BY, gateway_to
from tests.builders import ANNAS_USER

LISTED: Final = msgspec.json.encode({"providers": []})
MINTED: Final = msgspec.json.encode({"link_token": "secret"})


@dataclass
class Keeping:
    """An upstream that keeps connections, until it is told to close each one that is used again.

    It does so as a server does that has just given up waiting: with the request unanswered.
    """

    closes: bool = False
    seen: list[str] = field(default_factory=list)
    """The connection and the method of each request."""
    _connections: int = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        name = self._connections
        used = False
        while method := await _method(reader):
            self.seen.append(f"{name} {method}")
            if used and self.closes:
                break
            used = True
            body = MINTED if method == "POST" else LISTED
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()


@asynccontextmanager
async def keeping() -> AsyncIterator[tuple[HttpJunctionGateway, Keeping]]:
    kept = Keeping()
    serving: set[asyncio.Task[None]] = set()
    server = await asyncio.start_server(
        lambda reader, writer: serving.add(asyncio.create_task(kept.handle(reader, writer))),
        "127.0.0.1",
    )
    async with server, gateway_to(f"http://127.0.0.1:{_port(server)}") as gateway:
        yield gateway, kept
    await asyncio.gather(*serving)


async def test_connection_is_kept() -> None:
    async with keeping() as (gateway, upstream):
        await gateway.list_providers(ANNAS_USER, by=BY)
        await gateway.list_providers(ANNAS_USER, by=BY)

    assert upstream.seen == ["1 GET", "1 GET"]


async def test_post_on_a_stale_connection_is_sent_again_on_a_new_one() -> None:
    async with keeping() as (gateway, upstream):
        await gateway.list_providers(ANNAS_USER, by=BY)
        upstream.closes = True

        link = await gateway.mint_link_token(ANNAS_USER, slugs=[], redirect_url=None, by=BY)

    assert link.token.reveal() == "secret"
    assert upstream.seen == ["1 GET", "1 POST", "2 POST"]


async def test_get_on_a_stale_connection_is_sent_again_on_a_new_one() -> None:
    async with keeping() as (gateway, upstream):
        await gateway.list_providers(ANNAS_USER, by=BY)
        upstream.closes = True

        assert await gateway.list_providers(ANNAS_USER, by=BY) == []

    assert upstream.seen == ["1 GET", "1 GET", "2 GET"]


async def test_three_stale_connections_in_a_row_are_survived() -> None:
    async with keeping() as (gateway, upstream):
        await asyncio.gather(*(gateway.list_providers(ANNAS_USER, by=BY) for _ in range(3)))
        upstream.closes = True

        await gateway.mint_link_token(ANNAS_USER, slugs=[], redirect_url=None, by=BY)

    assert sorted(upstream.seen[:3]) == ["1 GET", "2 GET", "3 GET"]
    assert sorted(upstream.seen[3:]) == ["1 POST", "2 POST", "3 POST", "4 POST"]


async def _method(reader: asyncio.StreamReader) -> str:
    """Of the next request, read whole; nothing once the client has left."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    except asyncio.IncompleteReadError:
        return ""
    if "content-length: " in head:
        await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
    return head.partition(" ")[0].upper()


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
