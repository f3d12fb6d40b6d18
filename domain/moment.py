"""An instant, on two clocks."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The same instant on the repository's wall clock and on this process's monotonic one.

    A writer brings only how long ago it asked, so that no replica's fast clock can freeze a row.
    """

    now: datetime
    monotonic: float

    def at(self, monotonic: float) -> datetime:
        """When `monotonic` was, on the wall clock of now."""
        return self.now - timedelta(seconds=self.monotonic - monotonic)
