"""Calls to one upstream: repeated where that can help, within the caller's time.

Not repeated are answers that stay the same, and what would come too late, beyond the fourth
attempt, or beyond the budget of all calls together: docs/adr/0008.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, cast

from tenacity import (
    AsyncRetrying,
    Future,
    RetryCallState,
    retry_if_result,
    wait_combine,
    wait_random_exponential,
)
from tenacity.wait import wait_base

from adapters.deadlines import Deadlines
from adapters.resilience.circuit_breaker import CircuitBreaker
from adapters.resilience.outcome import ENDINGS, Reply, ending_of, is_failure, may_pass
from adapters.resilience.retry_budget import RetryBudget
from ports.clock import Clock
from ports.figures import Circuit

R = TypeVar("R", bound=Reply)

Sleep = Callable[[float], Awaitable[None]]

_MOST: Final = 4  # attempts of one call

# Full jitter: up to 50 ms, then 100, then 200, so that callers who failed together do not come
# back together (AWS Architecture Blog, "Exponential Backoff and Jitter").
_FULL_JITTER: Final = wait_random_exponential(multiplier=0.05, max=1.0)


class Attempts:
    """One for each upstream. A test brings its own `sleep` and `backoff`, and does not wait."""

    def __init__(
        self,
        clock: Clock,
        *,
        upstream: str,
        sleep: Sleep = asyncio.sleep,
        backoff: wait_base = _FULL_JITTER,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._backoff = backoff
        self._budget = RetryBudget(clock)
        self._deadlines = Deadlines()
        self._breaker = CircuitBreaker(clock, upstream=upstream)
        self.ended: Counter[tuple[str, str]] = Counter()
        self.repeats: Counter[str] = Counter()

    @property
    def circuit(self) -> Circuit:
        return self._breaker.state

    @property
    def circuit_openings(self) -> int:
        return self._breaker.openings

    @property
    def kept_back(self) -> int:
        return self._breaker.kept_back

    async def make(self, operation: str, attempt: Callable[[], Awaitable[R]], *, by: float) -> R:
        """The last reply, of one attempt or several, all of them over at `by` by the clock.

        They are counted under `operation`, a word of the caller's code.

        Raises:
            CircuitOpen: the upstream is being left alone.
            TimeoutError: there was no reply by then.
            aiohttp.ClientError, BodyTooLarge: what the last attempt ended with.

        """
        # tenacity costs as much as the rest of a call, so that it comes in when it is needed.
        outcome = await self._attempt(operation, attempt, by)
        self._budget.earn()
        if may_pass(outcome):
            outcome = await self._repeat(operation, attempt, by, after=outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _repeat(
        self,
        operation: str,
        attempt: Callable[[], Awaitable[R]],
        by: float,
        *,
        after: R | Exception,
    ) -> R | Exception:
        made = [after]

        async def next_outcome() -> R | Exception:
            if made:
                return made.pop()
            outcome = await self._attempt(operation, attempt, by)
            self.repeats[operation] += 1
            return outcome

        def must_stop(state: RetryCallState) -> bool:
            return (
                state.attempt_number >= _MOST
                or self._clock.monotonic() + state.upcoming_sleep >= by
                or self._budget.is_spent
            )

        retrying = AsyncRetrying(
            sleep=self._sleep,
            retry=retry_if_result(may_pass),
            wait=wait_combine(self._backoff, _as_asked),
            stop=must_stop,
            before_sleep=lambda _: self._budget.spend(),
            retry_error_callback=_outcome_of,
        )
        outcome: R | Exception = await retrying(next_outcome)
        return outcome

    async def _attempt(
        self, operation: str, attempt: Callable[[], Awaitable[R]], by: float
    ) -> R | Exception:
        left = by - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError
        outcome: R | Exception
        with self._breaker.admit() as admission:
            try:
                with self._deadlines.after(left):
                    outcome = await attempt()
            except ENDINGS as error:
                outcome = error
            admission.report(failed=is_failure(outcome))
        self.ended[operation, ending_of(outcome)] += 1
        return outcome


def _as_asked(retry_state: RetryCallState) -> float:
    outcome = _outcome_of(retry_state)
    return 0.0 if isinstance(outcome, Exception) else outcome.retry_after or 0.0


def _outcome_of(state: RetryCallState) -> Reply | Exception:
    return cast("Reply | Exception", cast("Future", state.outcome).result())
