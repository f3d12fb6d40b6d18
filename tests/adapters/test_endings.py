"""An attempt's outcome in a word, as it is counted."""

from contextlib import suppress

import aiohttp
import pytest
from tenacity import wait_none

from adapters.clock import FixedClock
from adapters.resilience.attempts import Attempts
from adapters.resilience.outcome import Ending
from adapters.upstream_http import BodyTooLarge
from tests.adapters.scripted import Outcome, Said, Script


@pytest.mark.parametrize(
    ("outcome", "ending"),
    [
        (Said(200), "ok"),
        (Said(204), "ok"),
        (Said(302), "redirect"),
        (Said(404), "refused"),
        (Said(429), "rate_limited"),
        (Said(500), "failed"),
        (Said(599), "failed"),
        (TimeoutError(), "timeout"),
        (aiohttp.ServerTimeoutError(), "timeout"),
        (aiohttp.ServerDisconnectedError(), "unreachable"),
        (aiohttp.ClientPayloadError(), "unreachable"),
        (aiohttp.ClientResponseError(None, ()), "unusable"),  # type: ignore[arg-type]
        (aiohttp.InvalidURL("nowhere"), "unusable"),
        (BodyTooLarge(), "unusable"),
    ],
    ids=repr,
)
async def test_attempt_is_counted_by_how_it_ended(
    clock: FixedClock, outcome: Outcome, ending: Ending
) -> None:
    script = Script(clock, [outcome])
    attempts = Attempts(clock, upstream="junction", sleep=script.sleep, backoff=wait_none())

    with suppress(aiohttp.ClientError, TimeoutError, BodyTooLarge):
        await attempts.make("ask", script.attempt, by=10.0)

    assert attempts.ended == {("ask", ending): script.attempts}
    assert attempts.repeats["ask"] == script.attempts - 1
