"""Requests that come by themselves, at random and whoever else is being served (an open loop).

In a closed loop nobody asks who has not been answered: a server that answers several at once is
asked again by all of them at once, and one that answers in turn is asked in turn. Patients know
nothing of each other. Latency is counted from when a request came, not from when a connection was
free for it (Gil Tene's "coordinated omission").
"""

import asyncio
import gc
import selectors
import time
from collections import deque
from collections.abc import Iterator
from random import Random
from typing import Final

from bench.client import Connection, connect
from bench.load import PATIENCE, WARM_UP, Load, Work

_CONNECTIONS: Final = 64
_SEED: Final = 20  # for all the same requests at the same times


class _Arrivals:
    def __init__(self, work: Work, numbers: Iterator[int], *, counts_from: float) -> None:
        self._work = work
        self._numbers = numbers
        self._counts_from = counts_from
        self._waiting: deque[float] = deque()
        self.free: list[Connection] = []
        self.load = Load()
        self.open = 0

    def come(self, at: float) -> None:
        self.open += 1
        if self.free:
            self._ask(self.free.pop(), at)
        else:
            self._waiting.append(at)

    def answered(self, connection: Connection, status: bytes, body: bytes) -> None:
        took = time.perf_counter() - connection.asked_at
        fault = self._work.fault(connection.n, status, body)
        self.load.add(fault, took, counts=connection.asked_at >= self._counts_from)
        self.open -= 1
        if self._waiting:
            self._ask(connection, self._waiting.popleft())
        else:
            self.free.append(connection)

    def lost(self, connection: Connection) -> None:  # noqa: ARG002  (an asker's)
        self.load.faults["connection lost"] += 1
        self.open -= 1

    def _ask(self, connection: Connection, at: float) -> None:
        n = next(self._numbers)
        connection.ask(n, self._work.request(n), at=at)


def open_loop(
    port: int, work: Work, numbers: Iterator[int], *, level: int, seconds: float
) -> Load:
    """Load the server on `port` with `level` requests a second, as a Poisson process."""
    gc.collect()
    gc.disable()
    # Not uvloop: its timers come by the millisecond, and would bunch what comes.
    with asyncio.Runner(loop_factory=_punctual) as runner:
        try:
            return runner.run(_open_loop(port, work, numbers, level, seconds))
        finally:
            gc.enable()


def _punctual() -> asyncio.AbstractEventLoop:
    return asyncio.SelectorEventLoop(selectors.SelectSelector())  # epoll's is a millisecond too


async def _open_loop(
    port: int, work: Work, numbers: Iterator[int], rate: int, seconds: float
) -> Load:
    gaps = Random(_SEED)  # noqa: S311  (it is no secret)
    due = time.perf_counter()
    counts_from, ends = due + seconds * WARM_UP, due + seconds * (1 + WARM_UP)
    arrivals = _Arrivals(work, numbers, counts_from=counts_from)
    arrivals.free = [await connect(port, arrivals) for _ in range(_CONNECTIONS)]
    connections = list(arrivals.free)
    while (due := due + gaps.expovariate(rate)) < ends:
        await asyncio.sleep(due - time.perf_counter())
        arrivals.come(due)
    while arrivals.open and time.perf_counter() < ends + PATIENCE:  # noqa: ASYNC110  (seldom)
        await asyncio.sleep(0.001)
    arrivals.load.seconds = time.perf_counter() - counts_from
    arrivals.load.faults.update({"not answered": arrivals.open} if arrivals.open else {})
    for connection in connections:
        connection.close()
    return arrivals.load
