"""What the service's own chores are about, for tests that do not wait."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.retention import Forget, Forgotten, Sweep


@dataclass
class Retention:
    """Answers sweeps one after the other; then nothing is left to sweep."""

    answers: list[int | Exception]
    sweeps: list[Sweep] = field(default_factory=list)

    async def sweep(self, sweep: Sweep) -> int:
        self.sweeps.append(sweep)
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def forget(self, forget: Forget) -> Forgotten:
        raise NotImplementedError


@dataclass
class Sleeps:
    """Passes the time at once, and remembers it."""

    slept: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@dataclass
class Unhurried(Retention):
    """Its only sweep lasts until it is given up, and then has something yet to put away."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    put_away: bool = False

    async def sweep(self, sweep: Sweep) -> int:
        self.begun.set()
        try:
            return await super().sweep(sweep) + await asyncio.Future[int]()
        finally:
            await asyncio.sleep(0)
            self.put_away = True


async def until(so: Callable[[], object]) -> None:
    while not so():  # noqa: ASYNC110  (a file changes without an event)
        await asyncio.sleep(0.001)
