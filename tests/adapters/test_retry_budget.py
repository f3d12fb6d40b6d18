"""What all calls together may spend on repeating."""

from datetime import timedelta

import pytest
from tenacity import wait_none

from adapters.clock import FixedClock
from adapters.resilience.attempts import Attempts
from tests.adapters.scripted import Said, Script


class Upstream:
    """One whose attempts are counted, over all that is asked of it."""

    def __init__(self, clock: FixedClock) -> None:
        self._clock = clock
        self._attempts = Attempts(
            clock, upstream="junction", sleep=clock.sleep, backoff=wait_none()
        )

    async def attempts_of(self, calls: int, *outcomes: Said) -> int:
        made = 0
        for _ in range(calls):
            script = Script(self._clock, list(outcomes))
            await self._attempts.make("ask", script.attempt, by=self._clock.monotonic() + 10)
            made += script.attempts
        return made


@pytest.fixture
def upstream(clock: FixedClock) -> Upstream:
    return Upstream(clock)


async def test_few_calls_may_be_repeated_ten_times(upstream: Upstream) -> None:
    assert await upstream.attempts_of(50, Said(429)) == 50 + 10


async def test_many_calls_may_be_repeated_by_a_tenth(upstream: Upstream) -> None:
    assert await upstream.attempts_of(300, Said(200)) == 300

    assert await upstream.attempts_of(100, Said(429)) == 100 + 40


async def test_budget_is_that_of_the_last_ten_seconds(
    upstream: Upstream, clock: FixedClock
) -> None:
    assert await upstream.attempts_of(300, Said(200), Said(429)) == 300
    assert await upstream.attempts_of(50, Said(429)) == 50 + 35
    clock.advance(timedelta(seconds=9))
    assert await upstream.attempts_of(1, Said(429)) == 1

    clock.advance(timedelta(seconds=1))
    assert await upstream.attempts_of(50, Said(429)) == 50 + 10


async def test_budget_that_is_spent_leaves_first_attempts_alone(upstream: Upstream) -> None:
    await upstream.attempts_of(50, Said(429))

    assert await upstream.attempts_of(1, Said(200)) == 1
