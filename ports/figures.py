"""What happened, in plain numbers: counted where it happens, read by whoever watches the service.

To count is an addition, so that a request does not feel it; how numbers are published is no
matter of those who count.
"""

from bisect import bisect_left
from collections.abc import Mapping
from typing import Literal, Protocol

Circuit = Literal["closed", "open", "half_open"]


class Distribution:
    """How many values were at most as large as each of `bounds`, and their sum."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last are those beyond every bound
        self.total = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def join(self, other: "Distribution") -> None:
        """Take in the values of another one, of the same bounds."""
        self.counts = [
            ours + theirs for ours, theirs in zip(self.counts, other.counts, strict=True)
        ]
        self.total += other.total


class UpstreamFigures(Protocol):
    """Of calls to one upstream, since the process began. Operations and endings are few words."""

    @property
    def ended(self) -> Mapping[tuple[str, str], int]:
        """Attempts by operation and ending; those that the caller gave up are not among them."""
        ...

    @property
    def repeats(self) -> Mapping[str, int]:
        """By operation, attempts that came after one which had failed."""
        ...

    @property
    def circuit(self) -> Circuit: ...

    @property
    def circuit_openings(self) -> int: ...

    @property
    def kept_back(self) -> int:
        """Attempts that were not made, since the upstream is left alone."""
        ...


class StorageFigures(Protocol):
    """Of the one who writes, since the process began."""

    @property
    def batches(self) -> Distribution:
        """Commits that were done, by how many writes each of them made durable."""
        ...

    @property
    def failed(self) -> int:
        """Commits that were not, or are not known to have been."""
        ...

    @property
    def waiting_count(self) -> int:
        """Writes that no commit has taken yet."""
        ...

    @property
    def under_way(self) -> float:
        """For how many seconds the commit that is under way has been; 0 if none is."""
        ...

    @property
    def checkpoints_failed(self) -> int:
        """How often what was committed could not be brought from the log into the file.

        Nothing is lost by it, and it is tried again; 0 where the database sees to it itself.
        """
        ...
