"""A load: so many connections, each of which asks again as soon as it is answered.

The clock stops with the last answer, not with the last question: what a slow server still owes
counts against it.
"""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import uvloop

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_PATIENCE: Final = 30.0  # seconds; who has not answered by then is not measured
_CLEAN_REFUSAL: Final = "503"


class Work(Protocol):
    """What is asked over and over; each question is another, known by its number."""

    def request(self, n: int) -> bytes: ...

    def fault(self, n: int, status: bytes, body: bytes) -> str | None:
        """What is wrong with an answer, in a word."""
        ...


@dataclass(slots=True)
class Load:
    """What came of one; times are in seconds."""

    in_flight: int
    answered: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        return self.answered / self.seconds

    def percentile(self, part: float) -> float:
        self.latencies.sort()
        return self.latencies[int(part * (len(self.latencies) - 1))]


@dataclass(slots=True)
class _Asking:
    """What the connections of one load share."""

    work: Work
    numbers: Iterator[int]
    load: Load
    open: int
    counts: bool = False
    until: float = 0.0
    done: asyncio.Event = field(default_factory=asyncio.Event)


class _Connection(asyncio.Protocol):
    def __init__(self, asking: _Asking) -> None:
        self._asking = asking
        self._data = b""
        self._needed = 0
        self._n = 0
        self._asked_at = 0.0
        self._transport: asyncio.Transport
        self._is_asking = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # asyncio says BaseTransport
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's)
        if self._is_asking:
            self._asking.load.faults["connection lost"] += 1
            self._stop()

    def ask(self) -> None:
        if (now := time.perf_counter()) >= self._asking.until:
            self._stop()
            return
        if self._transport.is_closing():
            self._asking.load.faults["connection closed"] += 1
            self._stop()
            return
        self._is_asking = True
        self._n = next(self._asking.numbers)
        request = self._asking.work.request(self._n)
        self._asked_at = now
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data = data = self._data + data if self._data else data
        if not self._needed:
            head = data.find(_END)
            if head < 0:
                return
            self._needed = head + len(_END) + _content_length(data[:head])
        if len(data) >= self._needed:
            self._answered(data)

    def _answered(self, data: bytes) -> None:
        took = time.perf_counter() - self._asked_at
        self._data, self._needed, self._is_asking = b"", 0, False
        body = data[data.index(_END) + len(_END) :]
        load = self._asking.load
        fault = self._asking.work.fault(self._n, data[9:12], body)
        if fault == _CLEAN_REFUSAL:
            load.refused += 1
        elif fault:
            load.faults[fault] += 1
        elif self._asking.counts:
            load.answered += 1
            load.latencies.append(took)
        self.ask()

    def _stop(self) -> None:
        self._is_asking = False
        self._asking.open -= 1
        if not self._asking.open:
            self._asking.done.set()

    def close(self) -> None:
        self._transport.abort()


def closed_loop(
    port: int, work: Work, numbers: Iterator[int], *, in_flight: int, seconds: float
) -> Load:
    """Load the server on `port`; what it answers while it warms up is not counted."""
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(_closed_loop(port, work, numbers, in_flight, seconds))
    finally:
        gc.enable()


async def _closed_loop(
    port: int, work: Work, numbers: Iterator[int], in_flight: int, seconds: float
) -> Load:
    load = Load(in_flight)
    asking = _Asking(work, numbers, load, open=in_flight)
    connections = [await _connect(port, asking) for _ in range(in_flight)]
    try:
        await _phase(asking, connections, seconds / 5)
        asking.counts, asking.open = True, in_flight
        began = time.perf_counter()
        await _phase(asking, connections, seconds)
        load.seconds = time.perf_counter() - began
    except TimeoutError:
        load.faults["not answered"] += asking.open
    finally:
        for connection in connections:
            connection.close()
    return load


async def _connect(port: int, asking: _Asking) -> _Connection:
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: _Connection(asking), "127.0.0.1", port
    )
    return connection


async def _phase(asking: _Asking, connections: list[_Connection], seconds: float) -> None:
    asking.done.clear()
    asking.until = time.perf_counter() + seconds
    for connection in connections:
        connection.ask()
    async with asyncio.timeout(seconds + _PATIENCE):
        await asking.done.wait()


def _content_length(head: bytes) -> int:
    head = head.lower()
    at = head.find(_LENGTH)
    if at < 0:
        return 0
    value, _, _ = head[at + len(_LENGTH) :].partition(b"\r\n")
    return int(value)
