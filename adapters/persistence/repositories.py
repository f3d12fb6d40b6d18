"""The repositories over a database."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from adapters.persistence import rows
from adapters.persistence.records import by_mint
from adapters.persistence.storage import SqlStorage
from domain.connection import Connection
from domain.errors import ConnectionNotFound
from domain.facts import Status
from domain.history import ConnectionEvent
from domain.identifiers import ConnectionId, JunctionUserId, PatientId
from domain.junction_event import MessageId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.link_token import Mint, TokenDigest
from domain.news import News
from domain.provider import ProviderName
from domain.recording import Report
from domain.retention import Forget, Forgotten, Sweep
from ports.repositories import StaleAfter

_AFTER_ALL: Final = UUID(int=2**128 - 1)


class SqlLinkTokenLedger:
    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._sql = storage.statements

    async def enter(self, mint: Mint) -> LedgerEntry:
        return await self._storage.write(mint)

    async def find(self, digest: TokenDigest) -> LedgerEntry | None:
        found = await self._storage.read(self._sql.find_token, digest)
        return rows.entry_of(found[0]) if found else None


class SqlJunctionUserDirectory:
    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._sql = storage.statements

    async def find(self, user_id: JunctionUserId) -> JunctionUserOnRecord | None:
        found = await self._storage.read(self._sql.find_user, user_id)
        return rows.user_of(found[0]) if found else None

    async def all_of(self, patient_id: PatientId) -> list[JunctionUserOnRecord]:
        found = await self._storage.read(self._sql.list_users, patient_id)
        # Sorted here, as a batch does: a database may have another idea of which letter is first.
        return sorted(map(rows.user_of, found), key=by_mint, reverse=True)


class SqlConnectionRepository:
    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._sql = storage.statements

    async def record(self, report: Report) -> Connection:
        return await self._storage.write(report)

    async def note(self, news: News) -> Sequence[Connection]:
        return await self._storage.write(news)

    async def was_heard(self, message_id: MessageId) -> bool:
        return bool(await self._storage.read(self._sql.find_message, message_id))

    async def find(self, patient_id: PatientId, provider: ProviderName) -> Connection | None:
        found = await self._storage.read(self._sql.find_connection, patient_id, provider)
        return rows.connection_of(found[0]) if found else None

    async def get(self, patient_id: PatientId, connection_id: ConnectionId) -> Connection:
        found = await self._storage.read(self._sql.get_connection, patient_id, str(connection_id))
        if not found:
            raise ConnectionNotFound
        return rows.connection_of(found[0])

    async def list_for(self, patient_id: PatientId) -> list[Connection]:
        found = await self._storage.read(self._sql.list_connections, patient_id)
        return [rows.connection_of(row) for row in found]

    async def history(
        self,
        patient_id: PatientId,
        connection_id: ConnectionId,
        *,
        before: UUID | None = None,
        limit: int = 100,
    ) -> list[ConnectionEvent]:
        connection = await self.get(patient_id, connection_id)
        before = before or _AFTER_ALL
        found = await self._storage.read(
            self._sql.list_events, patient_id, str(connection.id), str(before), str(limit)
        )
        return [rows.event_of(row) for row in found]

    async def stale(
        self, status: Status, *, older_than: timedelta, after: StaleAfter | None, limit: int
    ) -> list[Connection]:
        seen_at, id_ = (rows.microseconds(after.seen_at), str(after.id)) if after else (-1, "")
        found = await self._storage.read(
            self._sql.list_stale,
            status,
            self._cutoff(older_than),
            str(seen_at),
            id_,
            str(limit),
        )
        return [rows.connection_of(row) for row in found]

    async def count_stale(self, status: Status, *, older_than: timedelta) -> int:
        cutoff = self._cutoff(older_than)
        [[count]] = await self._storage.read(self._sql.count_stale, status, cutoff)
        return int(count)

    def _cutoff(self, older_than: timedelta) -> str:
        return str(rows.microseconds(self._storage.ago(older_than)))


class SqlRetention:
    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage

    async def forget(self, forget: Forget) -> Forgotten:
        return await self._storage.write(forget)

    async def sweep(self, sweep: Sweep) -> int:
        return await self._storage.write(sweep)
