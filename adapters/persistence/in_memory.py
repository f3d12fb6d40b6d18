"""The repositories in dictionaries: nothing else runs between what a write reads and stores."""

from typing import Self

from adapters.persistence.records import Records
from adapters.persistence.timeline import Timeline
from domain.connection import Connection
from domain.errors import ConnectionNotFound
from domain.history import ConnectionEvent, Refusal
from domain.identifiers import ConnectionId, PatientId
from domain.ledger import LedgerEntry
from domain.link_token import Mint, TokenDigest
from domain.moment import Moment
from domain.provider import ProviderName
from domain.recording import Report
from ports.clock import Clock


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


class InMemoryConnectionRepository:
    def __init__(self, storage: InMemoryStorage) -> None:
        self._storage = storage
        self._records = storage.records

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
        return [
            connection
            for (owner, _), connection in self._records.connections.items()
            if owner == patient_id
        ]

    async def history(
        self, patient_id: PatientId, connection_id: ConnectionId
    ) -> list[ConnectionEvent]:
        connection = await self.get(patient_id, connection_id)
        return [
            event
            for event in reversed(self._records.events)
            if (event.patient_id, event.connection_id) == (patient_id, connection.id)
        ]
