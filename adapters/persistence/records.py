"""Rows by key, and what a write does to them; the same in memory and in a database's transaction.

In memory these are all the rows there are. In a database they are those that a batch of writes
touches, read before and stored after.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

from domain.connection import Connection
from domain.history import ConnectionEvent, NewId, Refusal
from domain.identifiers import JunctionUserId, PatientId
from domain.junction_event import MessageId
from domain.ledger import JunctionUserOnRecord, LedgerEntry, enter
from domain.link_token import Mint, TokenDigest
from domain.moment import Moment
from domain.news import News, note
from domain.provider import ProviderName
from domain.recording import OnRecord, Report, record
from domain.retention import MESSAGES_KEPT, TOKENS_KEPT, Forget, Forgotten, Sweep

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

ConnectionKey = tuple[PatientId, ProviderName]


def by_mint(user: JunctionUserOnRecord) -> tuple[datetime, str]:
    """The order in which a patient's Junction users become their current one."""
    return user.minted_at, user.id


@dataclass(slots=True, kw_only=True)
class Records:
    """`current` holds each patient's Junction user of the newest mint."""

    new_id: NewId
    tokens: dict[TokenDigest, LedgerEntry] = field(default_factory=dict)
    users: dict[JunctionUserId, JunctionUserOnRecord] = field(default_factory=dict)
    current: dict[PatientId, JunctionUserOnRecord] = field(default_factory=dict)
    connections: dict[ConnectionKey, Connection] = field(default_factory=dict)
    events: list[ConnectionEvent] = field(default_factory=list)
    heard: dict[MessageId, datetime] = field(default_factory=dict)

    def enter(self, mint: Mint, moment: Moment) -> LedgerEntry:
        """See `LinkTokenLedger.enter`."""
        known = self.tokens.get(mint.digest)
        if known is not None:
            return known.stay(mint)
        entered = enter(mint, user=self.users.get(mint.junction_user_id), moment=moment)
        self.tokens[mint.digest] = entered.entry
        self.users[mint.junction_user_id] = entered.user
        current = self.current.get(mint.patient_id)
        if current is None or by_mint(current) <= by_mint(entered.user):
            self.current[mint.patient_id] = entered.user
        return entered.entry

    def record(self, report: Report, moment: Moment) -> Connection:
        """See `ConnectionRepository.record`."""
        key = report.patient_id, report.provider
        current = self.current.get(report.patient_id)
        on_record = OnRecord(
            entry=self.tokens.get(report.token),
            current_user=current,
            connection=self.connections.get(key),
        )
        recorded = record(report, on_record, moment, self.new_id)
        self.tokens[report.token] = recorded.entry
        self.connections[key] = recorded.connection
        if recorded.event is not None:
            self.events.append(recorded.event)
        return recorded.connection

    def note(self, news: News, moment: Moment) -> list[Connection]:
        """See `ConnectionRepository.note`."""
        if news.message_id is None or news.message_id not in self.heard:
            self._note(news, moment)
        return self.all_of(news.patient_id)

    def all_of(self, patient_id: PatientId) -> list[Connection]:
        """The patient's connections, the oldest first."""
        theirs = [row for (owner, _), row in self.connections.items() if owner == patient_id]
        return sorted(theirs, key=lambda row: row.id)

    def refuse(self, refusal: Refusal, moment: Moment) -> None:
        """See `AuditTrail.refused`."""
        self.events.append(refusal.as_event(moment, self.new_id))

    def forget(self, forget: Forget) -> Forgotten:
        """See `Retention.forget`."""
        self.current.pop(forget.patient_id, None)
        lines = [n for n, line in enumerate(self.events) if line.patient_id == forget.patient_id]
        for line in lines:
            self.events[line] = replace(
                self.events[line], patient_id=forget.pseudonym, connection_id=None
            )
        whose = forget.patient_id
        return Forgotten(
            connections=_remove(self.connections, lambda row: row.patient_id == whose),
            link_tokens=_remove(self.tokens, lambda entry: entry.patient_id == whose),
            junction_users=_remove(self.users, lambda user: user.patient_id == whose),
            events=len(lines),
        )

    def sweep(self, sweep: Sweep, moment: Moment) -> int:
        """See `Retention.sweep`."""
        token_age, message_age = moment.now - TOKENS_KEPT, moment.now - MESSAGES_KEPT
        return _remove(
            self.tokens,
            lambda entry: entry.bound_to is None and entry.expires_at < token_age,
            limit=sweep.limit,
        ) + _remove(self.heard, lambda heard_at: heard_at < message_age, limit=sweep.limit)

    def _note(self, news: News, moment: Moment) -> None:
        current = self.current.get(news.patient_id)
        stored = {row.provider: row for row in self.all_of(news.patient_id)}
        noted = note(news, stored, current, moment, self.new_id)
        for row in noted.connections:
            self.connections[row.patient_id, row.provider] = row
        self.events.extend(noted.events)
        if noted.user is not None:
            self.users[noted.user.id] = self.current[news.patient_id] = noted.user
        if news.message_id is not None:
            self.heard[news.message_id] = moment.now


def _remove(rows: dict[K, V], ended: Callable[[V], bool], *, limit: int | None = None) -> int:
    keys = list(islice((key for key, row in rows.items() if ended(row)), limit))
    for key in keys:
        del rows[key]
    return len(keys)
