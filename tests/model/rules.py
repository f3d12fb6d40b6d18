"""The rules of linking, said a second time and as plainly as can be; nothing of ours is imported.

A `World` is all that the service has to remember. It is told what is asked of the service, and
what Junction would say of a user; it says what the answer has to be, or raises `Refused`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.model.choice import Listed, Refused, choose
from tests.model.known import FARTHEST_LAST, HOUR, NEVER, Connection, Token, Told, rfc3339
from tests.model.trouble import JUNCTION_FAILS, LATENESS, Trouble

AtJunction = Callable[[str], Sequence[Listed] | None]
"""What Junction lists for a user; None if it does not know them."""


@dataclass(kw_only=True)
class World:
    """`trusting` is LINK_TOKENS=caller; `users` are Junction's: newest mint, and whose.

    `looked` is when Junction was last asked for all of a user's.
    """

    now: datetime
    trusting: bool
    tokens: dict[str, Token] = field(default_factory=dict)
    users: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    looked: dict[str, datetime] = field(default_factory=dict)
    connections: dict[tuple[str, str], Connection] = field(default_factory=dict)
    heard: frozenset[str] = frozenset()  # ids of messages
    asked: int = 0

    def copy(self) -> "World":
        """One more, in which something else may happen."""
        return replace(
            self,
            tokens=dict(self.tokens),
            users=dict(self.users),
            looked=dict(self.looked),
            connections=dict(self.connections),
        )

    def mint(
        self, token: str, patient: str, provider: str | None, user: str | None, trouble: Trouble
    ) -> Told:
        self.ask_junction(trouble)  # for the user
        minted_at = self.now
        self.ask_junction(trouble)  # for the token
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
        self.ask_junction(trouble)
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

    def users_of(self, patient: str) -> list[str]:
        """The patient's at Junction; the first is the current one."""
        theirs = [
            (minted, user) for user, (minted, whose) in self.users.items() if whose == patient
        ]
        return [user for _, user in sorted(theirs, reverse=True)]

    def opened(self, user: str) -> Connection:
        """A row that is new was not listed when all was looked at, however late one is with it."""
        absent = FARTHEST_LAST.index("absent")
        seen = (self.looked[user], absent) if user in self.looked else (NEVER, 0)
        return Connection(user=user, opened_at=self.now, seen=seen)

    def ask_junction(self, trouble: Trouble) -> None:
        self.asked += 1
        if trouble in JUNCTION_FAILS:
            raise Refused(502, trouble)
        if trouble is Trouble.GIVES_OUT and self.asked > 1:
            raise Refused(502, "junction_unavailable")
        if trouble is Trouble.LATE:
            self.now += LATENESS

    def _present(self, token: str, patient: str, user: str | None, trouble: Trouble) -> None:
        """A token minted elsewhere is the first presenter's, if Junction knows them."""
        presented_at = self.now
        self.ask_junction(trouble)
        if user is None:
            raise Refused(400, "invalid_link_token")
        presented = Token(
            patient=patient, user=user, provider=None, minted_at=presented_at, minted_here=False
        )
        self._enter(token, presented, trouble)

    def _enter(self, token: str, entry: Token, trouble: Trouble) -> None:
        if trouble is Trouble.WRITE_REFUSED:
            raise Refused(503, "storage_unavailable")
        self.tokens[token] = entry
        minted_at, _ = self.users.get(entry.user, (NEVER, ""))
        self.users[entry.user] = max(minted_at, entry.minted_at), entry.patient
        if trouble is Trouble.ANSWER_LOST:
            raise Refused(503, "storage_unavailable")

    def _record(
        self, token: str, name: str, row: Listed | None, asked: datetime, trouble: Trouble
    ) -> Told:
        if trouble is Trouble.WRITE_REFUSED:
            raise Refused(503, "storage_unavailable")
        known = self.tokens[token]
        if known.user not in self.users_of(known.patient)[:1]:
            raise Refused(400, "invalid_link_token")
        before = self.connections.get((known.patient, name))
        after = before or self.opened(known.user)
        sought_at = max(after.sought_at, known.minted_at)
        after = replace(after, user=known.user, sought_at=sought_at).sees(row, asked)
        if known.bound is None or before is None or before.worth_a_line != after.worth_a_line:
            after = after.gets_a_line()
            if trouble is Trouble.BREAKS_MIDWAY:
                raise Refused(503, "storage_unavailable")
        self.connections[known.patient, name] = after
        self.tokens[token] = replace(known, bound=name)
        if trouble is Trouble.ANSWER_LOST:
            raise Refused(503, "storage_unavailable")
        return self.connection(known.patient, name)
