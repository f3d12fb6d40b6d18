"""Which attempts are repeated, how often, and after what wait."""

import asyncio
import ssl
from typing import Final

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from tenacity import wait_fixed

from adapters.clock import FixedClock
from adapters.resilience.attempts import Attempts
from adapters.upstream_http import BodyTooLarge
from tests.adapters.scripted import Outcome, Said, Script

BY: Final = 10.0
GOOD: Final = Said(200)
KEY: Final = ConnectionKey("junction.test", 443, True, True, None, None, None)  # noqa: FBT003
CERTIFICATE: Final = ssl.SSLCertVerificationError("another host's")


@pytest.fixture
def script(clock: FixedClock) -> Script:
    return Script(clock, [GOOD])


@pytest.fixture
def attempts(clock: FixedClock, script: Script) -> Attempts:
    return Attempts(clock, upstream="junction", sleep=script.sleep, backoff=wait_fixed(0.5))


@pytest.mark.parametrize(
    "outcome",
    [
        Said(429),
        Said(500),
        Said(502),
        Said(503),
        Said(504),
        aiohttp.ClientConnectorError(KEY, ConnectionRefusedError(111, "refused")),
        aiohttp.ClientConnectorDNSError(KEY, OSError(-3, "temporary failure")),
        aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError("handshake")),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(104, "reset"),
        aiohttp.ClientPayloadError("cut"),
    ],
    ids=repr,
)
async def test_what_may_pass_is_tried_again(
    attempts: Attempts, script: Script, outcome: Outcome
) -> None:
    script.outcomes = [outcome, outcome, GOOD]

    assert await attempts.make("ask", script.attempt, by=BY) == GOOD
    assert script.attempts == 3
    assert script.waits == [0.5, 0.5]


@pytest.mark.parametrize(
    "status", [200, 204, 301, 302, 307, 308, 400, 401, 403, 404, 408, 409, 418, 422, 501, 505]
)
async def test_answer_that_stays_the_same_is_taken_as_it_is(
    attempts: Attempts, script: Script, status: int
) -> None:
    script.outcomes = [Said(status, retry_after=0.0)]

    assert (await attempts.make("ask", script.attempt, by=BY)).status == status
    assert script.attempts == 1


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientConnectorCertificateError(KEY, CERTIFICATE),
        aiohttp.ClientResponseError(None, ()),  # type: ignore[arg-type]
        aiohttp.InvalidURL("nowhere"),
        BodyTooLarge(),
        TimeoutError(),
    ],
    ids=repr,
)
async def test_error_that_stays_the_same_is_not_tried_again(
    attempts: Attempts, script: Script, error: Exception
) -> None:
    script.outcomes = [error]

    with pytest.raises(type(error)):
        await attempts.make("ask", script.attempt, by=BY)
    assert script.attempts == 1


async def test_after_four_attempts_the_last_outcome_stands(
    attempts: Attempts, script: Script
) -> None:
    script.outcomes = [Said(500), aiohttp.ServerDisconnectedError(), Said(502), Said(503), GOOD]

    assert await attempts.make("ask", script.attempt, by=BY) == Said(503)
    assert script.attempts == 4


async def test_error_of_the_last_attempt_is_raised(attempts: Attempts, script: Script) -> None:
    script.outcomes = [Said(500), Said(500), Said(500), aiohttp.ServerDisconnectedError()]

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await attempts.make("ask", script.attempt, by=BY)


async def test_waits_are_random_and_grow(clock: FixedClock) -> None:
    waits = []
    for _ in range(100):
        script = Script(clock, [Said(429)])
        attempts = Attempts(clock, upstream="junction", sleep=script.sleep)
        await attempts.make("ask", script.attempt, by=clock.monotonic() + BY)
        waits.append(script.waits)

    for nth, most in zip(zip(*waits, strict=True), [0.05, 0.1, 0.2], strict=True):
        assert 0 <= min(nth) < most / 4
        assert most * 3 / 4 < max(nth) <= most


@pytest.mark.parametrize("status", [429, 503])
async def test_upstream_is_given_the_time_it_asks_for_and_a_little_more(
    attempts: Attempts, script: Script, status: int
) -> None:
    script.outcomes = [Said(status, retry_after=3.0), GOOD]

    assert await attempts.make("ask", script.attempt, by=BY) == GOOD
    assert script.waits == [3.5]


@pytest.mark.parametrize(
    ("retry_after", "attempted"), [(9.4, 2), (9.5, 1), (60.0, 1)], ids=["before", "at", "beyond"]
)
async def test_wait_that_would_use_up_the_time_is_not_begun(
    attempts: Attempts, script: Script, retry_after: float, attempted: int
) -> None:
    script.outcomes = [Said(503, retry_after), Said(200)]

    reply = await attempts.make("ask", script.attempt, by=BY)

    assert script.attempts == attempted
    assert reply.status == (200 if attempted == 2 else 503)
    assert script.waits == ([] if attempted == 1 else [9.9])


async def test_attempt_is_cut_off_when_the_time_is_up(attempts: Attempts, script: Script) -> None:
    async def hang() -> Said:
        await asyncio.Event().wait()
        return GOOD

    script.outcomes = [Said(500), hang]

    with pytest.raises(TimeoutError):
        await attempts.make("ask", script.attempt, by=0.6)  # half a second of which is waited
    assert script.attempts == 2


async def test_nothing_is_attempted_once_the_time_is_up(
    attempts: Attempts, script: Script, clock: FixedClock
) -> None:
    with pytest.raises(TimeoutError):
        await attempts.make("ask", script.attempt, by=clock.monotonic())
    assert script.attempts == 0
