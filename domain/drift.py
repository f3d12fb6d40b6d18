"""How far what is on record had drifted from what Junction says, and when to doubt that."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.connection import Connection
from domain.facts import Status
from domain.provider import ProviderName

_STANDING: Final = (Status.CONNECTED, Status.ERROR)
_FEW: Final = 50
_MANY: Final = 1000
_MOST_LOST: Final = 0.2


class TooManyLost(Exception):
    """More links are gone than is likely; of the last page nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """So many links are gone that the key must be another team's, which knows none of them.

    It judges by the last rows that stood, whether they do still. Those that were pending are left
    out: most of them end like that. Kept from run to run, it sees what each run alone is too
    short to show.
    """

    lost: deque[bool] = field(default_factory=lambda: deque(maxlen=_MANY))

    def weigh(self, before: Status, after: Status) -> None:
        if before in _STANDING:
            self.lost.append(after is Status.DISCONNECTED)

    @property
    def is_raised(self) -> bool:
        return len(self.lost) >= _FEW and sum(self.lost) > len(self.lost) * _MOST_LOST


@dataclass(slots=True, kw_only=True)
class Drift:
    """What a run found so far: how many rows are now what they were not.

    `changes` counts rows by the status before and after, those that stayed the same too.
    """

    doubt: Doubt = field(default_factory=Doubt)
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
                self.doubt.weigh(before.status, after.status)

    @property
    def rows(self) -> int:
        return self.changes.total()

    @property
    def changed(self) -> int:
        return sum(count for (before, after), count in self.changes.items() if before != after)
