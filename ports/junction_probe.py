"""Whether Junction is there, and takes our key: one question that changes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer:
    """`is_junctions`: it reads like an answer of Junction's, and not of whoever else is there.

    `date` is the time that it was given at, by Junction's own clock, if it says so.
    """

    status: int
    is_junctions: bool
    date: datetime | None


class JunctionProbe(Protocol):
    """Asks about a user who does not exist."""

    async def ask(self) -> ProbeAnswer:
        """The answer, whatever its status; asked once, within a few seconds.

        Raises:
            JunctionTimeout: there was none in time.
            JunctionUnavailable: there is no way to Junction; which is its cause.
            JunctionBadResponse: it is not HTTP.

        """
        ...
