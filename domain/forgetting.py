"""A patient is forgotten: at Junction, then here."""

from dataclasses import dataclass
from uuid import uuid4

from domain.identifiers import PatientId
from domain.retention import Forget, Forgotten
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import JunctionUserDirectory
from ports.retention import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgettingService:
    """`patience`: seconds for all that forgetting one patient asks of Junction."""

    junction: JunctionGateway
    users: JunctionUserDirectory
    retention: Retention
    clock: Clock
    patience: float

    async def forget(self, patient_id: PatientId) -> Forgotten:
        """Delete the patient's Junction users, then all that is on record of them here.

        In that order, as our records are what names the users; to ask again does no harm.

        Raises:
            JunctionError: it is not known what Junction did; nothing is removed here.

        """
        by = self.clock.monotonic() + self.patience
        user_ids = [user.id for user in await self.users.all_of(patient_id)]
        # Nobody may have come back from the mint that made the user.
        unheard_of = await self.junction.find_user(patient_id, by=by)
        if unheard_of is not None and unheard_of.id not in user_ids:
            user_ids.append(unheard_of.id)
        for user_id in user_ids:
            await self.junction.delete_user(user_id, by=by)
        pseudonym = PatientId(f"forgotten-{uuid4()}")
        return await self.retention.forget(Forget(patient_id=patient_id, pseudonym=pseudonym))
