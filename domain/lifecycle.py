"""A connection after it was linked."""

from dataclasses import dataclass

from domain.audit import audited
from domain.connection import Connection
from domain.history import Cause
from domain.identifiers import Caller, ConnectionId
from ports.audit import AuditTrail
from ports.repositories import ConnectionRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleService:
    """Look at connections."""

    connections: ConnectionRepository
    trail: AuditTrail

    async def list_for(self, caller: Caller) -> list[Connection]:
        """Every connection of the caller, disconnected ones too."""
        return await self.connections.list_for(caller.patient_id)

    async def get(self, caller: Caller, connection_id: ConnectionId) -> Connection:
        """One connection of the caller.

        Raises:
            ConnectionNotFound: there is none of that id, or it is not the caller's.

        """
        with audited(self.trail, caller, Cause.READ, connection_id):
            return await self.connections.get(caller.patient_id, connection_id)
