"""What all calls together may spend on repeating: a struggling upstream must not get it all twice.

Each caller's few attempts look harmless; those of everybody at once are what keeps an upstream
down (Google, Site Reliability Engineering, "Handling Overload").
"""

from typing import Final

from adapters.resilience.rolling_count import RollingCount
from ports.clock import Clock

_FLOOR: Final = 10  # so that a quiet service may repeat at all
_ONE_IN: Final = 10


class RetryBudget:
    """Repeats of the last ten seconds against the first attempts of the same time."""

    def __init__(self, clock: Clock) -> None:
        self._firsts = RollingCount(clock)
        self._repeats = RollingCount(clock)

    def earn(self) -> None:
        """A first attempt was made."""
        self._firsts.add()

    def spend(self) -> None:
        """An attempt is going to be repeated."""
        self._repeats.add()

    @property
    def is_spent(self) -> bool:
        """Nothing may be repeated now."""
        return self._repeats.total >= max(_FLOOR, self._firsts.total // _ONE_IN)
