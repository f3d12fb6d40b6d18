"""Loads: what is asked over and over, and what came of it.

A closed loop is so many connections, each of which asks again as soon as it is answered. The clock
stops with the last answer, not with the last question: what a slow server still owes counts
against it.
"""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

import uvloop

from bench.client import Connection, connect

PATIENCE: Final = 30.0
"""Seconds; who has not answered by then is not measured."""

WARM_UP: Final = 1 / 5
"""For how much of its time a load goes before what it is answered counts."""

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

    def add(self, fault: str | None, took: float, *, counts: bool) -> None:
        """An answer, and what is wrong with it."""
        if fault == _CLEAN_REFUSAL:
            self.refused += 1
        elif fault:
            self.faults[fault] += 1
        elif counts:
            self.answered += 1
            self.latencies.append(took)


class _ClosedLoop:
    """What the connections of one load share."""

    def __init__(self, work: Work, numbers: Iterator[int]) -> None:
        self._work = work
        self._numbers = numbers
        self._until = 0.0
        self._counts = False
        self._done = asyncio.Event()
        self.load = Load()
        self.open = 0

    def answered(self, connection: Connection, status: bytes, body: bytes) -> None:
        took = time.perf_counter() - connection.asked_at
        fault = self._work.fault(connection.n, status, body)
        self.load.add(fault, took, counts=self._counts)
        self._ask(connection)

    def lost(self, connection: Connection) -> None:  # noqa: ARG002  (an asker's)
        self.load.faults["connection lost"] += 1
        self._stop()

    async def phase(self, connections: list[Connection], seconds: float, *, counts: bool) -> None:
        self._done.clear()
        self._counts, self.open = counts, len(connections)
        self._until = time.perf_counter() + seconds
        for connection in connections:
            self._ask(connection)
        async with asyncio.timeout(seconds + PATIENCE):
            await self._done.wait()

    def _ask(self, connection: Connection) -> None:
        if (now := time.perf_counter()) >= self._until:
            self._stop()
        elif connection.is_closed:
            self.load.faults["connection closed"] += 1
            self._stop()
        else:
            n = next(self._numbers)
            connection.ask(n, self._work.request(n), at=now)

    def _stop(self) -> None:
        self.open -= 1
        if not self.open:
            self._done.set()


def closed_loop(
    port: int, work: Work, numbers: Iterator[int], *, level: int, seconds: float
) -> Load:
    """Load the server on `port` with `level` requests in flight."""
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(_closed_loop(port, work, numbers, level, seconds))
    finally:
        gc.enable()


async def _closed_loop(
    port: int, work: Work, numbers: Iterator[int], in_flight: int, seconds: float
) -> Load:
    loop = _ClosedLoop(work, numbers)
    connections = [await connect(port, loop) for _ in range(in_flight)]
    try:
        await loop.phase(connections, seconds * WARM_UP, counts=False)
        began = time.perf_counter()
        await loop.phase(connections, seconds, counts=True)
        loop.load.seconds = time.perf_counter() - began
    except TimeoutError:
        loop.load.faults["not answered"] += loop.open
    finally:
        for connection in connections:
            connection.close()
    return loop.load
