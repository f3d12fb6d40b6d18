"""A proxy that stands between the service and an upstream, and can be told to be at fault.

What it is not at fault for passes as it is, byte for byte, but for `Connection: close` in each
answer: so that every request needs a connection, and meets the faults of connecting as well.
"""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from tests.adapters.upstream import Behaviour
from tests.faults.port import Port
from tests.faults.steps import Step

_LENGTH: Final = re.compile(rb"\r\nContent-Length: *([0-9]+)\r\n", re.IGNORECASE)
_HOST: Final = re.compile(rb"\r\nHost: *([^:\r]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Unheard:
    """Its port is `set_up` so that no request comes to be read."""

    set_up: Callable[["FaultProxy"], Awaitable[None]]


@dataclass(frozen=True)
class Withheld:
    """The request is read, `answer` is given to it, and the upstream never hears of it."""

    answer: bytes | Behaviour


@dataclass(frozen=True)
class Spoilt:
    """The upstream does what it was asked to; of its answer only what `spoil` makes arrives."""

    spoil: Callable[[bytes], bytes | Behaviour]


Fault = Unheard | Withheld | Spoilt


@dataclass
class FaultProxy:
    """`requests` are those that reached it, passed on or not."""

    port: Port
    upstream: tuple[str, int]
    tls: ssl.SSLContext | None
    requests: list[bytes] = field(default_factory=list)
    _fault: Fault | None = field(default=None, init=False)
    _step: Step | None = field(default=None, init=False)
    _once: bool = field(default=False, init=False)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port.number}"

    @property
    def hosts(self) -> set[str]:
        """The names by which it was asked."""
        return {host.decode() for request in self.requests for host in _HOST.findall(request)}

    def count(self, step: Step) -> int:
        """How many requests were made of that step."""
        return sum(_is(request, step) for request in self.requests)

    @property
    def is_at_fault(self) -> bool:
        return self._fault is not None

    async def fail(self, fault: Fault, step: Step, *, once: bool = False) -> None:
        """Be at fault whenever the request is that of `step`, or only `once`.

        Nobody knows of a connection what would be asked on it. So an `Unheard` fault begins with
        the answer to the request before, is met by whatever follows, and ends by itself or by
        `mend` alone.
        """
        self._fault, self._step, self._once = fault, step, once
        if isinstance(fault, Unheard) and step.follows is None:
            await fault.set_up(self)

    async def mend(self) -> None:
        self._fault = None
        await self.port.serve(self.pass_on, self.tls)

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await _read(reader)
        self.requests.append(request)
        fault = self._fault_of(request)
        if isinstance(fault, Withheld):
            return await _say(fault.answer, reader, writer)
        answer = await self._ask_upstream(request)
        if isinstance(fault, Spoilt):
            return await _say(fault.spoil(answer), reader, writer)
        if isinstance(self._fault, Unheard) and _is(request, self._step and self._step.follows):
            await self._fault.set_up(self)
        return await _say(answer, reader, writer)

    def _fault_of(self, request: bytes) -> Fault | None:
        if self._fault is None or not _is(request, self._step):
            return None
        fault = self._fault
        if self._once:
            self._fault = None
        return fault

    async def _ask_upstream(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self.upstream)
        writer.write(request)
        answer = await _read(reader)
        writer.close()
        await writer.wait_closed()
        return _last(answer)


@asynccontextmanager
async def a_proxy_of(url: str, *, tls: ssl.SSLContext | None) -> AsyncIterator[FaultProxy]:
    """A proxy of the host at `url`; with `tls` it is spoken to under that certificate."""
    upstream = urlsplit(url)
    assert upstream.hostname
    assert upstream.port
    proxy = FaultProxy(Port(), (upstream.hostname, upstream.port), tls)
    await proxy.mend()
    try:
        yield proxy
    finally:
        await proxy.port.close()


def _is(request: bytes, step: Step | None) -> bool:
    return step is not None and request.startswith(step.opening)


def _last(answer: bytes) -> bytes:
    return answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


async def _read(reader: asyncio.StreamReader) -> bytes:
    """A request or an answer, whole."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


async def _say(
    answer: bytes | Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    if not isinstance(answer, bytes):
        return await answer(reader, writer)
    writer.write(answer)
    return await writer.drain()
