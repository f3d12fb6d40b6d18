"""Turns at a steady rate, however many wait for one."""

import asyncio
from collections.abc import Awaitable, Callable

from ports.clock import Clock


class Pace:
    """`rate`: turns a second."""

    def __init__(
        self, rate: float, clock: Clock, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._interval = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._next = clock.monotonic()
        self._first_in_line = asyncio.Lock()

    async def turn(self) -> None:
        """Return when it is the caller's."""
        async with self._first_in_line:
            while (wait := self._next - self._clock.monotonic()) > 0:
                await self._sleep(wait)
            self._next = self._clock.monotonic() + self._interval

    def hold(self, seconds: float) -> None:
        """Give out no turn for so long."""
        self._next = max(self._next, self._clock.monotonic() + seconds)
