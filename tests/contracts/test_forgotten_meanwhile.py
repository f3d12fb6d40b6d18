"""An event about a patient who is forgotten while it is being heard, over every adapter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.identifiers import JunctionUserId, PatientId, RequestId
from domain.ledger import JunctionUserOnRecord
from domain.retention import Forget
from ports.repositories import JunctionUserDirectory
from ports.retention import Retention
from tests.contracts.lives import Delivery, Life
from tests.contracts.storages import Stored


@dataclass(frozen=True)
class Forgetting:
    """A directory whose patients are forgotten once somebody has found them."""

    users: JunctionUserDirectory
    retention: Retention

    async def find(self, user_id: JunctionUserId) -> JunctionUserOnRecord | None:
        user = await self.users.find(user_id)
        if user is not None:
            pseudonym = PatientId("forgotten-1")
            await self.retention.forget(Forget(patient_id=user.patient_id, pseudonym=pseudonym))
        return user

    async def all_of(self, patient_id: PatientId) -> Sequence[JunctionUserOnRecord]:
        return await self.users.all_of(patient_id)


async def test_it_has_no_effect_and_names_nobody(stored: Stored) -> None:
    life = await Life.begin(stored)
    await life.exchange()
    webhooks = replace(life.linking.webhooks, users=Forgetting(stored.users, stored.retention))

    async with stored.trail:
        matched = await webhooks.receive(life.event(Delivery.CREATED), RequestId("request-2"))

    assert matched == 0
    assert await life.rows() == []
    assert {event.patient_id for event in await stored.events()} == {"forgotten-1"}
