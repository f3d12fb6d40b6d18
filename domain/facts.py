"""What is known of a connection: facts that only grow, and the one function that reads them.

Every writer (exchange, webhook, reconciliation, disconnect) adds facts; facts join in any order,
any number of times, to the same row. So a late, repeated or swapped message can do no harm.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from domain.provider import Listing


class Status(StrEnum):
    """What is said of a connection; the four words of the published contract."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    ERROR = "error"
    PENDING = "pending"


# The literal word or nothing: whatever else Junction may say of a row, it is not connected.
_LISTED: Final = {
    "connected": Status.CONNECTED,
    "error": Status.ERROR,
    "paused": Status.DISCONNECTED,
}

# How far from connected; a row that is not even listed is farther than all of them.
_DISTANCE: Final = {
    Status.CONNECTED: 0,
    Status.PENDING: 1,
    Status.ERROR: 2,
    Status.DISCONNECTED: 3,
}

# How long a link that Junction does not list yet may still appear.
_PATIENCE: Final = timedelta(hours=25)

T = TypeVar("T", datetime, "Listed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What Junction said of a provider, its row or that there is none, and when it was asked."""

    listing: Listing | None
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Listed:
    """The newest time Junction listed the provider, and since when the link then existed."""

    at: datetime
    created_on: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one provider of one patient; see `join` for how each grows.

    `opened_at` is when we first heard of it, `sought_at` the newest mint of a token exchanged for
    it, `let_go_at` the patient's newest disconnect, `last_synced_at` the newest evidence of data.
    """

    seen: Observation
    opened_at: datetime
    listed: Listed | None = None
    sought_at: datetime | None = None
    let_go_at: datetime | None = None
    last_synced_at: datetime | None = None

    @classmethod
    def observed(
        cls, listing: Listing | None, *, asked_at: datetime, heard_at: datetime
    ) -> "Facts":
        """What an answer of Junction's says, and nothing else: its row, or that there is none."""
        return cls(
            seen=Observation(listing=listing, asked_at=asked_at),
            opened_at=heard_at,
            listed=Listed(at=asked_at, created_on=listing.created_on) if listing else None,
        )

    def join(self, other: "Facts") -> "Facts":
        """Both at once: commutative, associative, and the same again when repeated."""
        return Facts(
            seen=max(self.seen, other.seen, key=_weight),
            opened_at=min(self.opened_at, other.opened_at),
            listed=_newest(self.listed, other.listed),
            sought_at=_newest(self.sought_at, other.sought_at),
            let_go_at=_newest(self.let_go_at, other.let_go_at),
            last_synced_at=_newest(self.last_synced_at, other.last_synced_at),
        )

    @property
    def status(self) -> Status:
        listing = self.seen.listing
        if listing is not None:
            return _LISTED.get(listing.status, Status.PENDING)
        return Status.PENDING if self._may_still_appear() else Status.DISCONNECTED

    @property
    def error_type(self) -> str | None:
        """Junction's reason, while the status is an error."""
        listing = self.seen.listing
        return listing.error_type if listing and self.status is Status.ERROR else None

    @property
    def connected_at(self) -> datetime:
        return self.listed.created_on if self.listed else self.opened_at

    def _may_still_appear(self) -> bool:
        if self.sought_at is None:
            return False
        listed_at = self.listed.at if self.listed else None
        ended_at = _newest(listed_at, self.let_go_at)
        if ended_at is not None and ended_at >= self.sought_at:
            return False
        return self.seen.asked_at - self.sought_at < _PATIENCE


def _weight(seen: Observation) -> tuple[datetime, int, tuple[object, ...]]:
    """Later weighs more; at the same instant the less connected; then anything, but one way."""
    listing = seen.listing
    if listing is None:
        return seen.asked_at, len(Status), ()
    distance = _DISTANCE[_LISTED.get(listing.status, Status.PENDING)]
    error = listing.error_type is not None, listing.error_type or ""
    return seen.asked_at, distance, (listing.created_on, listing.slug, listing.status, *error)


def _newest(one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)
