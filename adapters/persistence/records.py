"""Rows by key, and what a write does to them; the same in memory and in a database's transaction.

In memory these are all the rows there are. In a database they are those that a batch of writes
touches, read before and stored after.
"""

from dataclasses import dataclass, field
from datetime import datetime

from domain.connection import Connection
from domain.history import ConnectionEvent, NewId, Refusal
from domain.identifiers import JunctionUserId, PatientId
from domain.ledger import JunctionUserOnRecord, LedgerEntry, enter
from domain.link_token import Mint, TokenDigest
from domain.moment import Moment
from domain.provider import ProviderName
from domain.recording import OnRecord, Report, record

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
            current_user=current.id if current else None,
            connection=self.connections.get(key),
        )
        recorded = record(report, on_record, moment, self.new_id)
        self.tokens[report.token] = recorded.entry
        self.connections[key] = recorded.connection
        if recorded.event is not None:
            self.events.append(recorded.event)
        return recorded.connection

    def refuse(self, refusal: Refusal, moment: Moment) -> None:
        """See `AuditTrail.refused`."""
        self.events.append(refusal.as_event(moment, self.new_id))
