"""An upstream in a few words: what each attempt comes to, and how long was waited before it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from adapters.clock import FixedClock


@dataclass(frozen=True)
class Said:
    """A reply, as far as Attempts look at it."""

    status: int
    retry_after: float | None = None


Outcome = Said | Exception | Callable[[], Awaitable[Said]]


@dataclass
class Script:
    """The nth attempt comes to the nth of `outcomes`, all later ones to the last."""

    clock: FixedClock
    outcomes: list[Outcome]
    attempts: int = 0
    waits: list[float] = field(default_factory=list)

    async def attempt(self) -> Said:
        self.attempts += 1
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome if isinstance(outcome, Said) else await outcome()

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.clock.sleep(seconds)
