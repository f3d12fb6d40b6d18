"""What a world has to remember of a link token, and of a connection."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.model.choice import Listed

HOUR: Final = timedelta(hours=1)
NEVER: Final = datetime.min.replace(tzinfo=UTC)
STATUSES: Final = {"connected": "connected", "error": "error", "paused": "disconnected"}
FARTHEST_LAST: Final = ["connected", "pending", "error", "disconnected", "absent"]

Told = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Token:
    patient: str
    user: str
    provider: str | None
    minted_at: datetime
    minted_here: bool = True
    bound: str | None = None


@dataclass(frozen=True, kw_only=True)
class Connection:
    """`seen` is when Junction was asked, and how far from connected its word is."""

    user: str
    opened_at: datetime
    sought_at: datetime = NEVER
    let_go_at: datetime = NEVER
    synced_at: datetime = NEVER
    listed: tuple[datetime, datetime] = (NEVER, NEVER)  # when, and since when
    seen: tuple[datetime, int] = (NEVER, 0)
    events: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        asked, distance = self.seen
        if FARTHEST_LAST[distance] != "absent":
            return FARTHEST_LAST[distance]
        ended_at = max(self.listed[0], self.let_go_at)
        hope = self.sought_at > ended_at and asked < self.sought_at + 25 * HOUR
        return "pending" if hope else "disconnected"

    @property
    def worth_a_line(self) -> Told:
        """What the history tells of; that data arrived is no change."""
        since = self.opened_at if self.listed[0] == NEVER else self.listed[1]
        said = {"junction_user_id": self.user, "status": self.status}
        return {**said, "connected_at": rfc3339(since)}

    @property
    def visible(self) -> Told:
        synced = None if self.synced_at == NEVER else rfc3339(self.synced_at)
        return {**self.worth_a_line, "last_synced_at": synced}

    def sees(self, row: Listed | None, asked: datetime) -> "Connection":
        """Junction's row, or that there is none; what is older than what is known says little."""
        word = STATUSES.get(row.status, "pending") if row else "absent"
        return replace(
            self,
            listed=max(self.listed, (asked, row.created_on) if row else (NEVER, NEVER)),
            seen=max(self.seen, (asked, FARTHEST_LAST.index(word))),
        )

    def gets_a_line(self) -> "Connection":
        return replace(self, events=(*self.events, self.status))


def rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
