"""An upstream that answers with whatever bytes it is given, and the real gateway to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from adapters.clock import FixedClock
from adapters.junction.http import HttpJunctionGateway, open_session
from tests.builders import NOW

KEY: Final = "sk_us_made_up"

BY: Final = 10.0
"""Ten seconds from now, by a clock that begins at 0."""

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass
class Upstream:
    """The nth request gets the nth of `answers`, all later ones the last; one a connection."""

    answers: list[bytes | Behaviour]
    received: list[Received] = field(default_factory=list)
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that has heard enough may be gone before all is said.
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            self.received.append(await _read(reader))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def upstream(*answers: bytes | Behaviour) -> AsyncIterator[Upstream]:
    serving: set[asyncio.Task[None]] = set()
    served = Upstream(list(answers))

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(served.handle(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1")
    async with server:
        served.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield served
    await asyncio.gather(*serving)


@asynccontextmanager
async def gateway_to(
    url: str, *, clock: FixedClock | None = None
) -> AsyncIterator[HttpJunctionGateway]:
    """By its clock no time passes, but for its waits, which take none."""
    clock = clock or FixedClock(NOW)
    async with open_session(KEY) as session:
        yield HttpJunctionGateway(session, base_url=url, clock=clock, sleep=clock.sleep)


@asynccontextmanager
async def junction(
    *answers: bytes | Behaviour, clock: FixedClock | None = None
) -> AsyncIterator[tuple[HttpJunctionGateway, Upstream]]:
    async with upstream(*answers) as served, gateway_to(served.url, clock=clock) as gateway:
        yield gateway, served


def reply(status: int, body: object, *headers: str) -> bytes:
    """An answer of HTTP/1.1; what is not bytes becomes JSON."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return head(status, f"Content-Length: {len(content)}", *headers) + content


def head(status: int, *headers: str) -> bytes:
    # Without "close" the client may send its next request into the end of this connection.
    lines = (f"HTTP/1.1 {status} Said", "Connection: close", *headers, "", "")
    return "\r\n".join(lines).encode()


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Say nothing until the client leaves."""
    await reader.read()


async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Never quite silent, never done."""
    writer.write(head(200, "Content-Length: 100000"))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # Closing with a linger time of none sends RST instead of FIN.
    linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def _read(reader: asyncio.StreamReader) -> Received:
    line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = line.split(" ")
    headers = {
        name.lower(): value.strip()
        for name, _, value in (each.partition(":") for each in lines if each)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body)
