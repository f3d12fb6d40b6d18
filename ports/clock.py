"""The only source of time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is, twice: for people, and for measuring."""

    def now(self) -> datetime:
        """The time of day: aware, in UTC, microseconds. It may step, also backwards."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment of this process's own; it never steps back."""
        ...
