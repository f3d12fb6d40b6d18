"""An answer of Junction's, read whole, and whose fault it is if it will not do."""

import re
from dataclasses import dataclass
from typing import Final

import aiohttp

from adapters.upstream_http import BodyTooLarge, read_bounded
from domain.junction_errors import (
    JunctionBadResponse,
    JunctionError,
    JunctionRateLimited,
    JunctionRejectedCredentials,
    JunctionUnavailable,
)

_MAX_BODY: Final = 1 << 20  # a provider list is a few kB
_DELAY: Final = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    retry_after: float

    def refusal(self) -> JunctionError:
        """The error that a status we have no use for stands for."""
        if self.status in {401, 403}:
            return JunctionRejectedCredentials()
        if self.status == 429:
            return JunctionRateLimited(self.retry_after)
        if self.status >= 500:
            return JunctionUnavailable()
        return JunctionBadResponse()


async def read_reply(response: aiohttp.ClientResponse) -> Reply:
    """The whole answer.

    Raises:
        JunctionBadResponse: its body is larger than any that Junction documents.

    """
    try:
        body = await read_bounded(response, _MAX_BODY)
    except BodyTooLarge as error:
        raise JunctionBadResponse from error
    return Reply(response.status, body, _seconds(response.headers.get("Retry-After")))


def _seconds(retry_after: str | None) -> float:
    """`Retry-After` in seconds; one where it is missing, or in a form never seen of Junction."""
    if retry_after and _DELAY.fullmatch(retry_after):
        return float(retry_after)
    return 1.0
