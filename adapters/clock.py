"""The computer's clock, and one that a test sets."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class FixedClock:
    """Stands still until it is told otherwise."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, by: timedelta) -> None:
        """Let `by` pass."""
        self._now += by
        self._monotonic += by.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Let them pass at once, where somebody would wait."""
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def step(self, by: timedelta) -> None:
        """Set the time of day forwards or back, as an operator might, while no time passes."""
        self._now += by
