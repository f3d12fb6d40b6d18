"""A connection after it was linked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.audit import audited
from domain.connection import Connection
from domain.errors import ConnectionNotFound, StillConnected
from domain.facts import Status
from domain.history import Cause, ConnectionEvent
from domain.identifiers import Caller, ConnectionId, JunctionUserId
from domain.looking import look
from domain.news import LettingGo, Look, News
from domain.provider import ProviderName, listing_of, slugs_of
from ports.audit import AuditTrail
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import ConnectionRepository, JunctionUserDirectory

_SETTLE: Final = 1.0  # seconds, before what was ended and is still listed is looked at once more


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleService:
    """Look at connections, and end them.

    `patience`: seconds for all that one use asks of Junction.
    """

    junction: JunctionGateway
    users: JunctionUserDirectory
    connections: ConnectionRepository
    trail: AuditTrail
    clock: Clock
    patience: float
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def list_for(self, caller: Caller) -> Sequence[Connection]:
        """Every connection of the caller, disconnected ones too."""
        return await self.connections.list_for(caller.patient_id)

    async def get(self, caller: Caller, connection_id: ConnectionId) -> Connection:
        """One connection of the caller.

        Raises:
            ConnectionNotFound: there is none of that id, or it is not the caller's.

        """
        with audited(self.trail, caller, Cause.READ, connection_id):
            return await self.connections.get(caller.patient_id, connection_id)

    async def history(
        self, caller: Caller, connection_id: ConnectionId, *, before: UUID | None, limit: int
    ) -> Sequence[ConnectionEvent]:
        """What happened to a connection of the caller, the newest first.

        Raises:
            ConnectionNotFound: there is none of that id, or it is not the caller's.

        """
        with audited(self.trail, caller, Cause.READ, connection_id):
            return await self.connections.history(
                caller.patient_id, connection_id, before=before, limit=limit
            )

    async def disconnect(self, caller: Caller, connection_id: ConnectionId) -> None:
        """End a connection of the caller at Junction, and record what it lists then.

        To ask again does no harm.

        Raises:
            ConnectionNotFound: there is none of that id, or it is not the caller's.
            StillConnected: Junction lists it as connected all the same, and so do we.
            JunctionError: it is not known what Junction did; nothing is recorded.

        """
        with audited(self.trail, caller, Cause.DISCONNECT, connection_id):
            connection = await self.connections.get(caller.patient_id, connection_id)
            users = await self.users.all_of(caller.patient_id)
            if not users:  # forgotten between the two questions
                raise ConnectionNotFound
        asked = self.clock.monotonic()
        by = asked + self.patience
        current = users[0].id
        # The row may be of a former Junction user still: nobody has looked since the newer mint.
        for user_id in {current, connection.junction_user_id}:
            for slug in slugs_of(connection.provider):
                await self.junction.deregister(user_id, slug, by=by)
        found = await self._look_until_gone(current, connection.provider, by)
        stored = await self.connections.note(
            News(
                patient_id=caller.patient_id,
                junction_user_id=current,
                cause=Cause.DISCONNECT,
                request_id=caller.request_id,
                look=found,
                letting_go=LettingGo(provider=connection.provider, asked=asked),
            )
        )
        if any(each.id == connection_id and each.status is Status.CONNECTED for each in stored):
            raise StillConnected

    async def _look_until_gone(
        self, user_id: JunctionUserId, provider: ProviderName, by: float
    ) -> Look:
        """What Junction lists; once more, if that is still the connection and there is time."""
        found = await look(self.junction, self.clock, user_id, by=by)
        listing = listing_of(found.listings, provider)
        if listing is None or listing.status != "connected":
            return found
        if self.clock.monotonic() + _SETTLE >= by:
            return found
        await self.sleep(_SETTLE)
        return await look(self.junction, self.clock, user_id, by=by)
