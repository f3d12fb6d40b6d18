"""An answer of Junction's, read whole, and whose fault it is if it will not do."""

from dataclasses import dataclass
from typing import Final

import aiohttp

from adapters.resilience.retry_after import seconds_to_wait
from adapters.upstream_http import read_bounded
from domain.junction_errors import (
    JunctionBadResponse,
    JunctionError,
    JunctionRateLimited,
    JunctionRejectedCredentials,
    JunctionUnavailable,
)
from ports.clock import Clock

_MAX_BODY: Final = 1 << 20  # a provider list is a few kB
_A_SECOND: Final = 1.0  # where it asks to slow down and does not say for how long


@dataclass(frozen=True, slots=True)
class Reply:
    """`retry_after` is in seconds, where it said so in a way that can be read."""

    status: int
    body: bytes
    retry_after: float | None

    def refusal(self) -> JunctionError:
        """The error that a status we have no use for stands for."""
        if self.status in {401, 403}:
            return JunctionRejectedCredentials()
        if self.status == 429:
            return JunctionRateLimited(_A_SECOND if self.retry_after is None else self.retry_after)
        if self.status >= 500:
            return JunctionUnavailable(self.retry_after)
        return JunctionBadResponse()


async def read_reply(response: aiohttp.ClientResponse, clock: Clock) -> Reply:
    """The whole answer.

    Raises:
        BodyTooLarge: its body is larger than any that Junction documents.

    """
    body = await read_bounded(response, _MAX_BODY)
    asked = response.headers.get("Retry-After")
    wait = None if asked is None else seconds_to_wait(asked, now=clock.now())
    return Reply(response.status, body, wait)
