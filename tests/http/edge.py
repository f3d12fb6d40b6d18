"""The service behind its own HTTP protocol, and a client that sends whatever bytes it is given."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from entrypoints.http.limits import Limits
from entrypoints.http.protocol import BoundedHttpProtocol
from tests.asgi import Answer
from tests.servers import running

GET: Final = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
POST: Final = (
    b"POST /v1/wearables/link/exchange HTTP/1.1\r\nHost: a\r\n"
    b"Authorization: Bearer staging.demo\r\nContent-Type: application/json\r\n"
)
BODY: Final = b'{"link_token": "link-test-connected"}'
CHUNKED: Final = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def posted(body: bytes, *headers: bytes) -> bytes:
    head = (b"Content-Length: %d" % len(body), *headers, b"", b"")
    return POST + b"\r\n".join(head) + body


def tcp_socket() -> socket.socket:
    """One that asyncio knows for TCP, so that it does not wait to fill a packet."""
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)


@dataclass
class Peer:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def send_until_cut_off(self, data: bytes) -> int:
        """How much of it could be sent."""
        sent = 0
        with suppress(ConnectionError):
            while sent < len(data):
                await self.send(data[sent : sent + 10_000])
                sent += 10_000
        return sent

    async def drip(self, data: bytes) -> None:
        """One byte after the other, until the server hears no more."""
        with suppress(ConnectionError):
            for at in range(len(data)):
                await self.send(data[at : at + 1])
                await asyncio.sleep(0.01)

    async def answer(self) -> Answer:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        status, *lines = head.split("\r\n")[:-2]
        headers = dict(line.split(": ", 1) for line in lines)
        body = await self.reader.readexactly(int(headers["content-length"]))
        return Answer(int(status.split(" ")[1]), headers, body)

    async def last_answer(self) -> Answer:
        answer = await self.answer()
        assert await self.reader.read() == b""
        return answer


@asynccontextmanager
async def connected(
    address: tuple[str, int], *, receive_buffer: int | None = None
) -> AsyncIterator[Peer]:
    with tcp_socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
        if receive_buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(0)
        await asyncio.get_running_loop().sock_connect(client, address)
        reader, writer = await asyncio.open_connection(sock=client)
        try:
            yield Peer(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@dataclass(frozen=True)
class Edge:
    address: tuple[str, int]
    server: uvicorn.Server

    @asynccontextmanager
    async def peer(self, *, receive_buffer: int | None = None) -> AsyncIterator[Peer]:
        async with connected(self.address, receive_buffer=receive_buffer) as peer:
            yield peer

    async def ask(self, *parts: bytes) -> Answer:
        async with self.peer() as peer:
            await peer.send(*parts)
            return await peer.last_answer()

    async def is_left_by_all(self) -> None:
        while self.server.server_state.connections or self.server.server_state.tasks:  # noqa: ASYNC110  (uvicorn keeps sets, no event)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def edge(
    app: ASGIApp,
    limits: Limits | None = None,
    *,
    keep_alive: int = 5,
    send_buffer: int | None = None,
) -> AsyncIterator[Edge]:
    class Protocol(BoundedHttpProtocol):
        pass

    Protocol.limits = limits or Limits()
    with tcp_socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        if send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            http=Protocol,
            access_log=False,
            log_config=None,  # so that the tests hear what is logged
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=keep_alive,
        )
        async with running(config, listener) as server:
            yield Edge(listener.getsockname(), server)


def holding(app: ASGIApp, until: Callable[[], Awaitable[object]]) -> ASGIApp:
    """`app`, slow to answer its probe."""

    async def held(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/livez":
            await until()
        await app(scope, receive, send)

    return held


def only_http(app: ASGIApp) -> ASGIApp:
    """`app`, which knows no lifespan, under a server that asks for one."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await app(scope, receive, send)
            return
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})

    return served
