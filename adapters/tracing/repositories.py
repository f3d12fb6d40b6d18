"""The repositories, with a span for each read and each write; a write waits for its batch.

`system` is OpenTelemetry's name of the database.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from opentelemetry.trace import SpanKind, Tracer

from adapters.tracing.calls import Calls
from domain.connection import Connection
from domain.errors import StorageUnavailable
from domain.facts import Status
from domain.history import ConnectionEvent
from domain.identifiers import ConnectionId, JunctionUserId, PatientId
from domain.junction_event import MessageId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.link_token import Mint, TokenDigest
from domain.news import News
from domain.provider import ProviderName
from domain.recording import Report
from ports.repositories import (
    ConnectionRepository,
    JunctionUserDirectory,
    LinkTokenLedger,
    StaleAfter,
)


class TracedLinkTokenLedger:
    def __init__(self, ledger: LinkTokenLedger, tracer: Tracer, *, system: str) -> None:
        self._ledger = ledger
        self._calls = _calls(tracer, LinkTokenLedger, system)

    async def enter(self, mint: Mint) -> LedgerEntry:
        with self._calls.call("enter"):
            return await self._ledger.enter(mint)

    async def find(self, digest: TokenDigest) -> LedgerEntry | None:
        with self._calls.call("find"):
            return await self._ledger.find(digest)


class TracedJunctionUserDirectory:
    def __init__(self, users: JunctionUserDirectory, tracer: Tracer, *, system: str) -> None:
        self._users = users
        self._calls = _calls(tracer, JunctionUserDirectory, system)

    async def find(self, user_id: JunctionUserId) -> JunctionUserOnRecord | None:
        with self._calls.call("find"):
            return await self._users.find(user_id)

    async def all_of(self, patient_id: PatientId) -> Sequence[JunctionUserOnRecord]:
        with self._calls.call("all_of"):
            return await self._users.all_of(patient_id)


class TracedConnectionRepository:
    def __init__(self, connections: ConnectionRepository, tracer: Tracer, *, system: str) -> None:
        self._connections = connections
        self._calls = _calls(tracer, ConnectionRepository, system)

    async def record(self, report: Report) -> Connection:
        with self._calls.call("record"):
            return await self._connections.record(report)

    async def note(self, news: News) -> Sequence[Connection]:
        with self._calls.call("note"):
            return await self._connections.note(news)

    async def was_heard(self, message_id: MessageId) -> bool:
        with self._calls.call("was_heard"):
            return await self._connections.was_heard(message_id)

    async def find(self, patient_id: PatientId, provider: ProviderName) -> Connection | None:
        with self._calls.call("find"):
            return await self._connections.find(patient_id, provider)

    async def get(self, patient_id: PatientId, connection_id: ConnectionId) -> Connection:
        with self._calls.call("get"):
            return await self._connections.get(patient_id, connection_id)

    async def list_for(self, patient_id: PatientId) -> list[Connection]:
        with self._calls.call("list_for"):
            return await self._connections.list_for(patient_id)

    async def history(
        self,
        patient_id: PatientId,
        connection_id: ConnectionId,
        *,
        before: UUID | None = None,
        limit: int = 100,
    ) -> Sequence[ConnectionEvent]:
        with self._calls.call("history"):
            return await self._connections.history(
                patient_id, connection_id, before=before, limit=limit
            )

    async def stale(
        self, status: Status, *, older_than: timedelta, after: StaleAfter | None, limit: int
    ) -> Sequence[Connection]:
        with self._calls.call("stale"):
            return await self._connections.stale(
                status, older_than=older_than, after=after, limit=limit
            )

    async def count_stale(self, status: Status, *, older_than: timedelta) -> int:
        with self._calls.call("count_stale"):
            return await self._connections.count_stale(status, older_than=older_than)


def _calls(tracer: Tracer, port: type, system: str) -> Calls:
    return Calls(
        tracer=tracer,
        port=port,
        kind=SpanKind.CLIENT,
        failure=StorageUnavailable,
        attributes={"db.system.name": system},
        operation="db.operation.name",
    )
