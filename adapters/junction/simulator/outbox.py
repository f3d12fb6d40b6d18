"""Messages on their way, on the retry schedule of Svix and a clock that can be turned.

Nothing here outlives the process: what is pending when it stops is never sent, and `reconcile`
is there to find out what it would have said.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Final, NoReturn

from ports.clock import Clock

# Seconds from each failed attempt to the next (Junction docs, webhooks/retry-policy).
_RETRIES: Final = (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)

_REMEMBERED: Final = 1000  # messages that are done with


class State(StrEnum):
    HELD = "held"
    PENDING = "pending"
    DELIVERED = "delivered"
    EXHAUSTED = "exhausted"
    LOST = "lost"


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One copy of a message. `last_status` is that of its latest attempt, if it was answered."""

    message_id: str
    client_user_id: str
    event: str
    body: bytes
    state: State = State.PENDING
    attempts: int = 0
    last_status: int | None = None


Attempt = Callable[[Delivery], Awaitable[int | None]]
"""Send it; the status of the answer, if there was one."""


class Outbox:
    """Sends one at a time, by the time each is due, so that a test knows what arrives first."""

    def __init__(self, clock: Clock, attempt: Attempt) -> None:
        self._clock = clock
        self._attempt = attempt
        self._ahead = 0.0
        self._due: list[tuple[float, int, Delivery]] = []
        self._number = count()
        self._under_way: list[Delivery] = []
        self._changed = asyncio.Event()
        self._settled = asyncio.Event()
        self.done: deque[Delivery] = deque(maxlen=_REMEMBERED)

    @property
    def pending(self) -> list[Delivery]:
        """Those that an attempt is yet to be made of, in their order."""
        return self._under_way + [delivery for _, _, delivery in sorted(self._due)]

    def put(self, delivery: Delivery, *, delay: float = 0.0) -> None:
        """Have it sent in `delay` seconds."""
        delivery.state = State.PENDING
        heapq.heappush(self._due, (self._now() + delay, next(self._number), delivery))
        self._wake()

    def turn(self, seconds: float) -> None:
        """Let so many seconds pass for what is pending."""
        self._ahead += seconds
        self._wake()

    async def settle(self) -> None:
        """Wait until nothing is due any more; somebody must `run` this."""
        await self._settled.wait()

    async def run(self) -> NoReturn:
        """Send what falls due, until cancelled."""
        while True:
            while self._due and self._due[0][0] <= self._now():
                await self._send(heapq.heappop(self._due)[2])
            self._changed.clear()
            self._settled.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._until_the_next()):
                    await self._changed.wait()

    async def _send(self, delivery: Delivery) -> None:
        self._under_way = [delivery]
        delivery.last_status = await self._attempt(delivery)
        delivery.attempts += 1
        self._under_way = []
        if delivery.last_status is not None and 200 <= delivery.last_status < 300:
            self._finish(delivery, State.DELIVERED)
        elif delivery.attempts > len(_RETRIES):
            self._finish(delivery, State.EXHAUSTED)
        else:
            self.put(delivery, delay=_RETRIES[delivery.attempts - 1])

    def _finish(self, delivery: Delivery, state: State) -> None:
        delivery.state = state
        self.done.append(delivery)

    def _until_the_next(self) -> float | None:
        return max(0.0, self._due[0][0] - self._now()) if self._due else None

    def _wake(self) -> None:
        self._settled.clear()
        self._changed.set()

    def _now(self) -> float:
        return self._clock.monotonic() + self._ahead
