"""The repositories over a database."""

from adapters.persistence import rows
from adapters.persistence.storage import SqlStorage
from domain.connection import Connection
from domain.errors import ConnectionNotFound
from domain.history import ConnectionEvent
from domain.identifiers import ConnectionId, PatientId
from domain.ledger import LedgerEntry
from domain.link_token import Mint, TokenDigest
from domain.provider import ProviderName
from domain.recording import Report


class SqlLinkTokenLedger:
    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._sql = storage.statements

    async def enter(self, mint: Mint) -> LedgerEntry:
        return await self._storage.write(mint)

    async def find(self, digest: TokenDigest) -> LedgerEntry | None:
        found = await self._storage.read(self._sql.find_token, digest)
        return rows.entry_of(found[0]) if found else None


class SqlConnectionRepository:
    def __init__(self, storage: SqlStorage) -> None:
        self._storage = storage
        self._sql = storage.statements

    async def record(self, report: Report) -> Connection:
        return await self._storage.write(report)

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
        self, patient_id: PatientId, connection_id: ConnectionId
    ) -> list[ConnectionEvent]:
        connection = await self.get(patient_id, connection_id)
        found = await self._storage.read(self._sql.list_events, patient_id, str(connection.id))
        return [rows.event_of(row) for row in found]
