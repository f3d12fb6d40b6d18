"""What may go wrong while a request is served."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from adapters.junction.faults import Fault
from domain.errors import StorageUnavailable


class Trouble(StrEnum):
    """Of Junction's failures the value is the error that is answered.

    LATE answers all the same; who GIVES_OUT has answered one question before. A write is refused,
    or done and its answer lost on the way back; or the database fails in the middle of its
    transaction.
    """

    NONE = "none"
    LATE = "late"
    UNAVAILABLE = "junction_unavailable"
    TIMEOUT = "junction_timeout"
    RATE_LIMITED = "junction_rate_limited"
    REJECTED_CREDENTIALS = "junction_rejected_credentials"
    BAD_RESPONSE = "junction_bad_response"
    GIVES_OUT = "gives out"
    WRITE_REFUSED = "write refused"
    ANSWER_LOST = "answer lost"
    BREAKS_MIDWAY = "breaks midway"


JUNCTION_FAILS: Final = {
    Trouble.UNAVAILABLE: Fault.UNAVAILABLE,
    Trouble.TIMEOUT: Fault.SLOW,
    Trouble.RATE_LIMITED: Fault.RATE_LIMITED,
    Trouble.REJECTED_CREDENTIALS: Fault.REJECTED_CREDENTIALS,
    Trouble.BAD_RESPONSE: Fault.GARBAGE,
}

LATENESS: Final = timedelta(hours=1)
"""By the clock, which no deadline goes by: so long that it can cost a link its day of grace."""

_WRITES: Final = {"enter", "record", "note", "forget"}


class TroubledRepository:
    """A repository on the other side of a line that may break, before a write or after it."""

    def __init__(self, repository: object, trouble: Callable[[], Trouble]) -> None:
        self._repository = repository
        self._trouble = trouble

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)
        return self._troubled(method) if name in _WRITES else method

    def _troubled(self, write: Callable[[Any], Awaitable[Any]]) -> Callable[[Any], Awaitable[Any]]:
        async def over_the_line(what: Any) -> Any:
            if self._trouble() is Trouble.WRITE_REFUSED:
                raise StorageUnavailable
            stored = await write(what)
            if self._trouble() is Trouble.ANSWER_LOST:
                raise StorageUnavailable
            return stored

        return over_the_line
