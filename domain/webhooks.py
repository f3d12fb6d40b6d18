"""What Junction tells us by itself."""

import asyncio
from dataclasses import dataclass
from typing import Final

from domain.connection import Connection
from domain.errors import StorageUnavailable
from domain.facts import Status
from domain.history import Cause
from domain.identifiers import Caller, JunctionUser, RequestId
from domain.junction_event import JunctionEvent
from domain.looking import look
from domain.news import Arrival, News
from ports.audit import AuditTrail
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import ConnectionRepository, JunctionUserDirectory

_IN_TIME: Final = 12.0  # seconds; the sender waits for 15 (Junction docs, webhooks/retry-policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookService:
    """Hear events: each says where to look, and what is found there is noted.

    `patience`: seconds for all that one event asks of Junction; `in_time`: for all of it.
    """

    junction: JunctionGateway
    users: JunctionUserDirectory
    connections: ConnectionRepository
    trail: AuditTrail
    clock: Clock
    patience: float
    in_time: float = _IN_TIME

    async def receive(self, event: JunctionEvent, request_id: RequestId) -> int:
        """How many connections of the event's user and provider are stored, after its effect.

        Events that mean nothing to us, and those of users whom we do not know, have none.

        Raises:
            JunctionError: Junction cannot be asked. Nothing is stored, and the same event may
                come again.
            StorageUnavailable: likewise, or it is too late to tell; that is known in time for
                the sender to hear.

        """
        try:
            async with asyncio.timeout(self.in_time):
                return await self._receive(event, request_id)
        except TimeoutError as error:
            raise StorageUnavailable from error

    async def _receive(self, event: JunctionEvent, request_id: RequestId) -> int:
        heard = self.clock.monotonic()
        user = await self._user(event, request_id)
        if user is None:
            return 0
        if await self._is_news(event):
            stored = await self.connections.note(await self._news(event, user, heard, request_id))
        else:
            stored = await self.connections.list_for(user.patient_id)
        return sum(_is_of(connection, user, event) for connection in stored)

    async def _user(self, event: JunctionEvent, request_id: RequestId) -> JunctionUser | None:
        """Whom the event is about, if it is a patient's current user; a false claim is audited."""
        user = await self.users.find(event.user_id) if event.user_id else None
        theirs = await self.users.all_of(user.patient_id) if user else ()
        if user is None or not theirs:  # or was forgotten between the two questions
            return None
        superseded = None if theirs[0].id == user.id else "superseded_user"
        objection = event.contradiction(user) or superseded
        if objection is None:
            return user
        caller = Caller(patient_id=user.patient_id, request_id=request_id)
        self.trail.refused(caller, Cause.WEBHOOK, objection, None)
        return None

    async def _is_news(self, event: JunctionEvent) -> bool:
        concerns_us = event.is_about_a_link or event.is_about_data
        return concerns_us and not await self.connections.was_heard(event.message_id)

    async def _news(
        self, event: JunctionEvent, user: JunctionUser, heard: float, request_id: RequestId
    ) -> News:
        must_look = event.is_about_a_link or not await self._stands(event, user)
        by = self.clock.monotonic() + self.patience
        arrival = None
        if event.provider is not None and event.brings_data:
            arrival = Arrival(provider=event.provider, at=event.data_at, heard=heard)
        return News(
            patient_id=user.patient_id,
            junction_user_id=user.id,
            cause=Cause.WEBHOOK,
            request_id=request_id,
            look=await look(self.junction, self.clock, user.id, by=by) if must_look else None,
            arrival=arrival,
            message_id=event.message_id,
        )

    async def _stands(self, event: JunctionEvent, user: JunctionUser) -> bool:
        """Whether the connection that data came from is on record as connected."""
        stored = await self.connections.list_for(user.patient_id)
        return any(row.status is Status.CONNECTED and _is_of(row, user, event) for row in stored)


def _is_of(connection: Connection, user: JunctionUser, event: JunctionEvent) -> bool:
    return (connection.junction_user_id, connection.provider) == (user.id, event.provider)
