"""What an attempt came to, and what follows from it."""

from typing import Final, Literal, Protocol

import aiohttp

from adapters.upstream_http import BodyTooLarge

# 429 and 503: it asks to come again. 500, 502 and 504: it failed, or what stands before it did,
# which the next attempt need not meet.
_PASSING: Final = frozenset({429, 500, 502, 503, 504})

Ending = Literal[
    "ok", "redirect", "refused", "rate_limited", "failed", "timeout", "unreachable", "unusable"
]
"""An outcome in a word: an answer by its status, then the ways of having none that we can use."""

ENDINGS: Final = (aiohttp.ClientError, TimeoutError, BodyTooLarge)
"""How an attempt ends that has no reply we can use."""


class Reply(Protocol):
    """An answer, as far as it matters here."""

    @property
    def status(self) -> int: ...

    @property
    def retry_after(self) -> float | None:
        """Seconds that it asks to wait, if it does."""
        ...


def may_pass(outcome: Reply | Exception) -> bool:
    """Whether the same again could end better.

    A connection that was refused or lost may be: another server answers, or the same a moment
    later; so may a name that was not resolved. A certificate stays wrong, what is not HTTP stays
    so, and after a timeout there is no time left.
    """
    if isinstance(outcome, aiohttp.ClientConnectorCertificateError):
        return False
    if isinstance(outcome, Exception):
        return isinstance(outcome, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError)
    return outcome.status in _PASSING


def is_failure(outcome: Reply | Exception) -> bool:
    """Whether the upstream itself fails: it is not there, not in time, or says so (5xx).

    Every other answer shows that it works, of whatever use it is to us.
    """
    if isinstance(outcome, aiohttp.ClientResponseError | BodyTooLarge):
        return False
    return isinstance(outcome, Exception) or outcome.status >= 500


def ending_of(outcome: Reply | Exception) -> Ending:
    if isinstance(outcome, Exception):
        return _without_reply(outcome)
    if outcome.status < 300:
        return "ok"
    if outcome.status < 400:
        return "redirect"
    if outcome.status == 429:
        return "rate_limited"
    return "refused" if outcome.status < 500 else "failed"


def _without_reply(error: Exception) -> Ending:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, aiohttp.ClientConnectionError | aiohttp.ClientPayloadError):
        return "unreachable"
    return "unusable"
