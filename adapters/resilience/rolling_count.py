"""How often something happened lately, in a handful of numbers whatever the load."""

from typing import Final

from ports.clock import Clock

WINDOW: Final = 10
"""Seconds that are remembered, the one that is running among them."""


class RollingCount:
    """Happenings of the last `WINDOW` seconds, to the second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_second = [0] * WINDOW
        self._total = 0
        self._second = self._now()

    def add(self) -> None:
        self._forget()
        self._by_second[self._second % WINDOW] += 1
        self._total += 1

    @property
    def total(self) -> int:
        self._forget()
        return self._total

    def _forget(self) -> None:
        now = self._now()
        for second in range(max(self._second, now - WINDOW) + 1, now + 1):
            self._total -= self._by_second[second % WINDOW]
            self._by_second[second % WINDOW] = 0
        self._second = now

    def _now(self) -> int:
        return int(self._clock.monotonic() // 1)
