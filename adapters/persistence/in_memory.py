"""The repositories in dictionaries: nothing else runs between what a write reads and stores."""

from datetime import timedelta
from itertools import islice
from typing import Self
from uuid import UUID

from adapters.persistence.records import Records, by_mint
from adapters.persistence.timeline import Timeline
from domain.connection import Connection
from domain.errors import ConnectionNotFound
from domain.facts import Status
from domain.history import ConnectionEvent, Refusal
from domain.identifiers import ConnectionId, JunctionUserId, PatientId
from domain.junction_event import MessageId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.link_token import Mint, TokenDigest
from domain.moment import Moment
from domain.news import News
from domain.provider import ProviderName
from domain.recording import Report
from domain.retention import Forget, Forgotten, Sweep
from ports.clock import Clock
from ports.repositories import StaleAfter


class InMemoryStorage:
    """Gone with the process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._timeline = Timeline(clock)
        self.records = Records(new_id=self._timeline.new_id)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is held open."""

    async def check(self) -> None:
        """It is always there."""

    async def write(self, refusal: Refusal) -> None:
        self.records.refuse(refusal, self.moment())

    def moment(self) -> Moment:
        return self._timeline.moment(self._clock.now())


class InMemoryLinkTokenLedger:
    def __init__(self, storage: InMemoryStorage) -> None:
        self._storage = storage
        self._records = storage.records

    async def enter(self, mint: Mint) -> LedgerEntry:
        return self._records.enter(mint, self._storage.moment())

    async def find(self, digest: TokenDigest) -> LedgerEntry | None:
        return self._records.tokens.get(digest)


class InMemoryJunctionUserDirectory:
    def __init__(self, storage: InMemoryStorage) -> None:
        self._records = storage.records

    async def find(self, user_id: JunctionUserId) -> JunctionUserOnRecord | None:
        return self._records.users.get(user_id)

    async def all_of(self, patient_id: PatientId) -> list[JunctionUserOnRecord]:
        theirs = [user for user in self._records.users.values() if user.patient_id == patient_id]
        return sorted(theirs, key=by_mint, reverse=True)


class InMemoryConnectionRepository:
    def __init__(self, storage: InMemoryStorage) -> None:
        self._storage = storage
        self._records = storage.records

    async def note(self, news: News) -> list[Connection]:
        return self._records.note(news, self._storage.moment())

    async def was_heard(self, message_id: MessageId) -> bool:
        return message_id in self._records.heard

    async def record(self, report: Report) -> Connection:
        return self._records.record(report, self._storage.moment())

    async def find(self, patient_id: PatientId, provider: ProviderName) -> Connection | None:
        return self._records.connections.get((patient_id, provider))

    async def get(self, patient_id: PatientId, connection_id: ConnectionId) -> Connection:
        for connection in await self.list_for(patient_id):
            if connection.id == connection_id:
                return connection
        raise ConnectionNotFound

    async def list_for(self, patient_id: PatientId) -> list[Connection]:
        return self._records.all_of(patient_id)

    async def history(
        self,
        patient_id: PatientId,
        connection_id: ConnectionId,
        *,
        before: UUID | None = None,
        limit: int = 100,
    ) -> list[ConnectionEvent]:
        connection = await self.get(patient_id, connection_id)
        events = (
            event
            for event in reversed(self._records.events)
            if (event.patient_id, event.connection_id) == (patient_id, connection.id)
            and (before is None or event.id < before)
        )
        return list(islice(events, limit))

    async def stale(
        self, status: Status, *, older_than: timedelta, after: StaleAfter | None, limit: int
    ) -> list[Connection]:
        stale = self._stale(status, older_than)
        behind = (row for row in stale if after is None or _age(row) > after)
        return sorted(behind, key=_age)[:limit]

    async def count_stale(self, status: Status, *, older_than: timedelta) -> int:
        return len(self._stale(status, older_than))

    def _stale(self, status: Status, older_than: timedelta) -> list[Connection]:
        cutoff = self._storage.moment().now - older_than
        return [
            row
            for row in self._records.connections.values()
            if row.status is status and row.facts.seen.asked_at < cutoff
        ]


class InMemoryRetention:
    def __init__(self, storage: InMemoryStorage) -> None:
        self._storage = storage
        self._records = storage.records

    async def forget(self, forget: Forget) -> Forgotten:
        return self._records.forget(forget)

    async def sweep(self, sweep: Sweep) -> int:
        return self._records.sweep(sweep, self._storage.moment())


def _age(connection: Connection) -> StaleAfter:
    return StaleAfter(connection.facts.seen.asked_at, connection.id)
