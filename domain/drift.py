"""How far what is on record had drifted from what Junction says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.connection import Connection
from domain.facts import Status
from domain.provider import ProviderName

_STANDING: Final = (Status.CONNECTED, Status.ERROR)
_FEW: Final = 50
_MOST_LOST: Final = 0.2


class TooManyLost(Exception):
    """More links are gone than is likely; of the last page nothing was recorded."""


@dataclass(slots=True, kw_only=True)
class Drift:
    """What a run found so far: how many rows are now what they were not.

    `changes` counts rows by the status before and after, those that stayed the same too.
    """

    users: int = 0
    unanswered: int = 0
    opened: int = 0
    changes: Counter[tuple[Status, Status]] = field(default_factory=Counter)

    def add(self, stored: Mapping[ProviderName, Connection], noted: Iterable[Connection]) -> None:
        """Count what a look at one patient's user found."""
        self.users += 1
        for after in noted:
            before = stored.get(after.provider)
            if before is None:
                self.opened += 1
            else:
                self.changes[before.status, after.status] += 1

    @property
    def rows(self) -> int:
        return self.changes.total()

    @property
    def changed(self) -> int:
        return sum(count for (before, after), count in self.changes.items() if before != after)

    @property
    def is_suspicious(self) -> bool:
        """So many links are gone that the key must be another team's, which knows none of them.

        Links that were pending are left out: most of them end like that.
        """
        stood = sum(count for (before, _), count in self.changes.items() if before in _STANDING)
        lost = sum(self.changes[before, Status.DISCONNECTED] for before in _STANDING)
        return stood >= _FEW and lost > stood * _MOST_LOST
