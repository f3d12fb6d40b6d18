"""What counts against an upstream, and what a caller who leaves does to the count."""

import asyncio
from datetime import timedelta
from typing import Final

import aiohttp
import pytest
from tenacity import wait_none

from adapters.clock import FixedClock
from adapters.resilience.attempts import Attempts
from adapters.resilience.circuit_breaker import CircuitOpen
from adapters.upstream_http import BodyTooLarge
from tests.adapters.scripted import Outcome, Said, Script

FAILURES: Final = pytest.mark.parametrize(
    "failure",
    [Said(500), Said(501), Said(503), aiohttp.ServerDisconnectedError(), TimeoutError()],
    ids=repr,
)


class Upstream:
    def __init__(self, clock: FixedClock) -> None:
        self.clock = clock
        self.attempts = 0
        self._attempts = Attempts(
            clock, upstream="junction", sleep=clock.sleep, backoff=wait_none()
        )

    async def call(self, *outcomes: Outcome) -> Said | Exception:
        script = Script(self.clock, list(outcomes))
        try:
            return await self._attempts.make("ask", script.attempt, by=self.clock.monotonic() + 10)
        except (CircuitOpen, TimeoutError, BodyTooLarge, aiohttp.ClientError) as error:
            return error
        finally:
            self.attempts += script.attempts

    async def call_until_open(self) -> None:
        while not isinstance(await self.call(Said(500)), CircuitOpen):
            pass


@pytest.fixture
def upstream(clock: FixedClock) -> Upstream:
    return Upstream(clock)


@pytest.fixture
async def opened(upstream: Upstream) -> Upstream:
    await upstream.call_until_open()
    upstream.attempts = 0
    return upstream


async def hang() -> Said:
    await asyncio.Event().wait()
    return Said(200)


@FAILURES
async def test_upstream_that_fails_is_asked_twenty_times_and_no_more(
    upstream: Upstream, failure: Outcome
) -> None:
    for _ in range(50):
        await upstream.call(failure)

    assert upstream.attempts == 20
    assert isinstance(await upstream.call(Said(200)), CircuitOpen)


@pytest.mark.parametrize(
    "answer",
    [
        Said(200),
        Said(401),
        Said(404),
        Said(429),
        Said(302),
        aiohttp.ClientResponseError(None, ()),  # type: ignore[arg-type]
        BodyTooLarge(),
    ],
    ids=repr,
)
async def test_upstream_that_answers_is_not_left_alone(
    upstream: Upstream, answer: Outcome
) -> None:
    for _ in range(50):
        assert not isinstance(await upstream.call(answer), CircuitOpen)


async def test_calls_that_are_refused_earn_no_repeats(opened: Upstream) -> None:
    for _ in range(1000):
        assert isinstance(await opened.call(Said(200)), CircuitOpen)
    opened.clock.advance(timedelta(seconds=5))
    assert await opened.call(Said(200)) == Said(200)

    for _ in range(50):
        await opened.call(Said(429))

    assert opened.attempts == 1 + 50  # what may be repeated in ten seconds was, before it opened


@FAILURES
async def test_probe_that_fails_is_not_repeated(opened: Upstream, failure: Outcome) -> None:
    opened.clock.advance(timedelta(seconds=10))

    await opened.call(failure)

    assert opened.attempts == 1
    assert isinstance(await opened.call(Said(200)), CircuitOpen)


@pytest.mark.parametrize("answer", [Said(200), Said(404), BodyTooLarge()], ids=repr)
async def test_probe_that_is_answered_closes_the_circuit(
    opened: Upstream, answer: Outcome
) -> None:
    opened.clock.advance(timedelta(seconds=5))

    await opened.call(answer)

    assert await opened.call(Said(200)) == Said(200)


async def test_many_who_come_after_the_pause_send_one_probe(opened: Upstream) -> None:
    opened.clock.advance(timedelta(seconds=5))
    answered = asyncio.Event()

    async def answer_late() -> Said:
        await answered.wait()
        return Said(200)

    probe = asyncio.create_task(opened.call(answer_late))
    await asyncio.sleep(0)
    others = [await opened.call(Said(200)) for _ in range(50)]
    answered.set()

    assert await probe == Said(200)
    assert all(isinstance(other, CircuitOpen) for other in others)
    assert opened.attempts == 1
    assert await opened.call(Said(200)) == Said(200)


async def test_caller_who_leaves_does_not_count(upstream: Upstream) -> None:
    for _ in range(19):
        await upstream.call(Said(501))
    for _ in range(50):
        await _leave(upstream)
    assert await upstream.call(Said(501)) == Said(501)  # the twentieth

    assert isinstance(await upstream.call(Said(200)), CircuitOpen)


async def test_caller_who_leaves_in_the_middle_of_a_probe_makes_room(opened: Upstream) -> None:
    opened.clock.advance(timedelta(seconds=5))

    await _leave(opened)

    assert await opened.call(Said(200)) == Said(200)
    assert await opened.call(Said(200)) == Said(200)


async def _leave(upstream: Upstream) -> None:
    call = asyncio.create_task(upstream.call(hang))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
