"""A deadline that is set anew for every request, and costs a request no timer."""

import asyncio
from collections.abc import Callable
from math import inf


class Deadline:
    """Calls `passed` when it has. One timer serves many deadlines: it wakes to compare.

    It never sleeps longer than `shortest`, so that one set in the meantime is not slept through.
    """

    __slots__ = ("_at", "_loop", "_passed", "_shortest", "_timer")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, passed: Callable[[], None], *, shortest: float
    ) -> None:
        self._loop = loop
        self._passed = passed
        self._shortest = shortest
        self._at = inf
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_set(self) -> bool:
        return self._at != inf

    @property
    def left(self) -> float:
        return self._at - self._loop.time()

    def start(self) -> None:
        """It passes the shortest time from now."""
        now = self._loop.time()
        self._at = now + self._shortest
        if self._timer is None:
            self._sleep(now)

    def extend(self, seconds: float) -> None:
        self._at += seconds

    def clear(self) -> None:
        self._at = inf

    def cancel(self) -> None:
        self._at = inf
        if self._timer is not None:
            self._timer.cancel()

    def _sleep(self, now: float) -> None:
        self._timer = self._loop.call_at(min(self._at, now + self._shortest), self._wake)

    def _wake(self) -> None:
        self._timer = None
        if self._at == inf:
            return
        now = self._loop.time()
        if now < self._at:
            self._sleep(now)
        else:
            self._passed()
