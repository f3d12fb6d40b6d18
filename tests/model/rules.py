"""The rules of linking, said a second time and as plainly as can be; nothing of ours is imported.

A `World` is all that the service has to remember. It is told what is asked of the service, and
what Junction would say of a user; it says what the answer has to be, or raises `Refused`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.model.choice import Listed, Refused, choose
from tests.model.trouble import JUNCTION_FAILS, LATENESS, Trouble

HOUR: Final = timedelta(hours=1)
NEVER: Final = datetime.min.replace(tzinfo=UTC)
STATUSES: Final = {"connected": "connected", "error": "error", "paused": "disconnected"}
FARTHEST_LAST: Final = ["connected", "pending", "error", "disconnected", "absent"]

Told = dict[str, Any]


AtJunction = Callable[[str], Sequence[Listed] | None]
"""What Junction lists for a user; None if it does not know them."""


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
    listed: tuple[datetime, datetime] = (NEVER, NEVER)  # when, and since when
    seen: tuple[datetime, int] = (NEVER, 0)
    events: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        asked, distance = self.seen
        if FARTHEST_LAST[distance] != "absent":
            return FARTHEST_LAST[distance]
        hope = self.sought_at > self.listed[0] and asked < self.sought_at + 25 * HOUR
        return "pending" if hope else "disconnected"

    @property
    def visible(self) -> Told:
        since = self.opened_at if self.listed[0] == NEVER else self.listed[1]
        said = {"junction_user_id": self.user, "status": self.status}
        return {**said, "connected_at": rfc3339(since), "last_synced_at": None}


@dataclass(kw_only=True)
class World:
    """`trusting` is LINK_TOKENS=caller; `newest` the Junction user of each patient's last mint."""

    now: datetime
    trusting: bool
    tokens: dict[str, Token] = field(default_factory=dict)
    newest: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    connections: dict[tuple[str, str], Connection] = field(default_factory=dict)
    asked: int = 0

    def copy(self) -> "World":
        """One more, in which something else may happen."""
        return replace(
            self,
            tokens=dict(self.tokens),
            newest=dict(self.newest),
            connections=dict(self.connections),
        )

    def mint(
        self, token: str, patient: str, provider: str | None, user: str | None, trouble: Trouble
    ) -> Told:
        self._ask_junction(trouble)  # for the user
        minted_at = self.now
        self._ask_junction(trouble)  # for the token
        if user is None:
            raise Refused(502, "junction_bad_response")
        minted = Token(patient=patient, user=user, provider=provider, minted_at=minted_at)
        self._enter(token, minted, trouble)
        return {"expires_at": rfc3339(minted_at + HOUR)}

    def exchange(
        self,
        token: str,
        patient: str,
        provider: str | None,
        user: str | None,
        at: AtJunction,
        trouble: Trouble,
    ) -> Told:
        if self.trusting and token not in self.tokens:
            self._present(token, patient, user, trouble)
        known = self.tokens.get(token)
        if known is None or known.patient != patient:
            raise Refused(400, "invalid_link_token")
        if not known.minted_here and not self.trusting:
            raise Refused(400, "invalid_link_token")
        if known.bound is None and self.now > known.minted_at + 25 * HOUR:
            raise Refused(400, "link_token_expired")
        settled = known.bound or known.provider
        if provider and settled and provider != settled:
            raise Refused(400, "provider_mismatch")
        standing = self.connections.get((patient, known.bound or ""))
        if standing and standing.user == known.user and standing.status == "connected":
            return self.connection(patient, known.bound or "")
        asked = self.now
        self._ask_junction(trouble)
        rows = at(known.user)
        if rows is None:
            raise Refused(400, "invalid_link_token")
        name, row = choose(
            rows, provider or settled, since=known.minted_at if known.minted_here else None
        )
        return self._record(token, name, row, asked, trouble)

    def connection(self, patient: str, name: str) -> Told:
        visible = self.connections[patient, name].visible
        return {"patient_id": patient, "provider": name, **visible}

    def list_for(self, patient: str) -> list[tuple[Told, tuple[str, ...]]]:
        """Every connection of the patient, the oldest first, and what happened to each."""
        return [
            (self.connection(patient, name), connection.events)
            for (owner, name), connection in self.connections.items()
            if owner == patient
        ]

    def _present(self, token: str, patient: str, user: str | None, trouble: Trouble) -> None:
        """A token minted elsewhere is the first presenter's, if Junction knows them."""
        presented_at = self.now
        self._ask_junction(trouble)
        if user is None:
            raise Refused(400, "invalid_link_token")
        presented = Token(
            patient=patient, user=user, provider=None, minted_at=presented_at, minted_here=False
        )
        self._enter(token, presented, trouble)

    def _ask_junction(self, trouble: Trouble) -> None:
        self.asked += 1
        if trouble in JUNCTION_FAILS:
            raise Refused(502, trouble)
        if trouble is Trouble.LATE:
            self.now += LATENESS

    def _enter(self, token: str, entry: Token, trouble: Trouble) -> None:
        if trouble is Trouble.WRITE_REFUSED:
            raise Refused(503, "storage_unavailable")
        self.tokens[token] = entry
        newest = self.newest.get(entry.patient, (NEVER, ""))
        self.newest[entry.patient] = max(newest, (entry.minted_at, entry.user))
        if trouble is Trouble.ANSWER_LOST:
            raise Refused(503, "storage_unavailable")

    def _record(
        self, token: str, name: str, row: Listed | None, asked: datetime, trouble: Trouble
    ) -> Told:
        known = self.tokens[token]
        if trouble is Trouble.WRITE_REFUSED:
            raise Refused(503, "storage_unavailable")
        if known.user != self.newest[known.patient][1]:
            raise Refused(400, "invalid_link_token")
        word = STATUSES.get(row.status, "pending") if row else "absent"
        before = self.connections.get((known.patient, name))
        after = before or Connection(user=known.user, opened_at=self.now)
        after = replace(
            after,
            user=known.user,
            sought_at=max(after.sought_at, known.minted_at),
            listed=max(after.listed, (asked, row.created_on) if row else (NEVER, NEVER)),
            seen=max(after.seen, (asked, FARTHEST_LAST.index(word))),
        )
        if known.bound is None or before is None or before.visible != after.visible:
            after = replace(after, events=(*after.events, after.status))
            if trouble is Trouble.BREAKS_MIDWAY:
                raise Refused(503, "storage_unavailable")
        self.connections[known.patient, name] = after
        self.tokens[token] = replace(known, bound=name)
        if trouble is Trouble.ANSWER_LOST:
            raise Refused(503, "storage_unavailable")
        return self.connection(known.patient, name)


def rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
