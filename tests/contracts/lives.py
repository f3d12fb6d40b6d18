"""The life of one connection: what happens at Junction, and what of it reaches the service."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Final

from adapters.junction.in_memory import InMemoryJunctionGateway
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel
from domain.connection import Connection
from domain.history import Cause
from domain.identifiers import Caller, JunctionUserId, PatientId, RequestId
from domain.junction_event import JunctionEvent, MessageId
from domain.link_token import LinkToken
from domain.looking import look
from domain.news import Look, News
from domain.provider import Provider, Slug
from tests.builders import OURA, a_caller, hours
from tests.contracts.gateways import LINK_PAGE, PATIENCE, Simulated
from tests.contracts.linking import Linking
from tests.contracts.storages import Stored

SLUG: Final = Slug("oura")
SECOND: Final = timedelta(seconds=1)


class Delivery(StrEnum):
    """What may reach the service, in whatever order and however often."""

    EXCHANGE = "exchange"
    CREATED = "provider.connection.created"
    ERROR = "provider.connection.error"
    DAILY = "daily.data.sleep.created"
    HISTORICAL = "historical.data.sleep.created"
    REREAD = "reread"


# When Junction took in the data, before the life began.
STAMPS: Final = {Delivery.DAILY: hours(1), Delivery.HISTORICAL: hours(3)}
REREADS: Final = {Delivery.CREATED, Delivery.ERROR, Delivery.REREAD}


@dataclass(frozen=True)
class Life:
    """Of a patient of its own, so that many lives fit into one storage."""

    linking: Linking
    caller: Caller
    user_id: JunctionUserId
    token: LinkToken
    began: datetime
    names: "count[int]" = field(default_factory=count)

    @classmethod
    async def begin(cls, stored: Stored) -> "Life":
        model = JunctionModel(clock=stored.clock, journal=InMemoryJournal())
        gateway = InMemoryJunctionGateway(
            model, link_page=LINK_PAGE, clock=stored.clock, sleep=stored.clock.sleep
        )
        linking = Linking.over(Simulated(gateway, model), stored)
        caller = a_caller(PatientId(f"patient {uuid.uuid4()}"))
        began = stored.clock.now()
        link = await linking.service.mint(caller, provider=Provider.OURA, redirect_url=None)
        user = model.resolve(caller.patient_id)
        assert user is not None
        return cls(linking, caller, user.id, link.token, began)

    @property
    def junction(self) -> JunctionModel:
        return self.linking.junction

    async def rows(self) -> list[Connection]:
        return list(await self.linking.stored.connections.list_for(self.caller.patient_id))

    async def row(self) -> Connection | None:
        return await self.linking.stored.connections.find(self.caller.patient_id, OURA)

    def event(self, name: str, *, data_at: datetime | None = None) -> JunctionEvent:
        """Told of it now, in a message of its own."""
        return JunctionEvent(
            message_id=MessageId(f"{self.user_id} {next(self.names)}"),
            name=name,
            user_id=self.user_id,
            client_user_id=self.caller.patient_id,
            slug=SLUG,
            data_at=data_at,
        )

    async def hear(self, event: JunctionEvent) -> None:
        await self.linking.webhooks.receive(event, RequestId("request-1"))

    async def exchange(self) -> None:
        await self.linking.service.exchange(self.caller, self.token, Provider.OURA)

    async def let_go(self) -> None:
        row = await self.row()
        if row is not None:
            await self.linking.lifecycle.disconnect(self.caller, row.id)

    async def reread(self) -> None:
        """As reconciling does it, of this patient only."""
        await self.note(await self.look())

    async def look(self) -> Look:
        clock = self.linking.stored.clock
        by = clock.monotonic() + PATIENCE
        return await look(self.linking.service.junction, clock, self.user_id, by=by)

    async def note(self, found: Look) -> None:
        news = News(
            patient_id=self.caller.patient_id,
            junction_user_id=self.user_id,
            cause=Cause.RECONCILE,
            request_id=RequestId("request-1"),
            look=found,
        )
        await self.linking.stored.connections.note(news)
