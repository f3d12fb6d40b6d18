"""How the simulated Junction fails, for those who ask it to."""

from collections import deque
from enum import StrEnum
from typing import Final

from domain.identifiers import JunctionUserId

RETRY_AFTER: Final = 1
"""Seconds that a rate-limited caller is asked to wait."""


class Fault(StrEnum):
    """Ways to fail; SLOW answers later than anyone waits."""

    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    RATE_LIMITED = "rate_limited"
    REJECTED_CREDENTIALS = "rejected_credentials"
    GARBAGE = "garbage"


class Faults:
    """Those ordered for the next calls, of users who `always` fail, and `every` call's.

    A user who always fails can be ended all the same, so that whoever had one can be let go.
    A call over HTTP is repeated where that may help, so that one fault may pass unnoticed there.
    """

    def __init__(self) -> None:
        self._ordered: deque[Fault | None] = deque()
        self.always: dict[JunctionUserId, Fault] = {}
        self.every: Fault | None = None

    def order(self, *faults: Fault | None) -> None:
        """Let the next calls fail, each in its own way; None lets one pass."""
        self._ordered.extend(faults)

    def next(self, user_id: JunctionUserId | None = None) -> Fault | None:
        """The fault of the call that is being served, if it has one."""
        if self._ordered:
            return self._ordered.popleft()
        return self.always.get(user_id, self.every) if user_id else self.every
