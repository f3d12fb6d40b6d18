"""A patient is forgotten: at Junction, then here."""

from dataclasses import dataclass
from uuid import uuid4

from domain.identifiers import PatientId
from domain.retention import Forget, Forgotten
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import JunctionUserDirectory
from ports.retention import Retention


class UsersUnknown(Exception):
    """Junction knows none of the patient's users: perhaps the key is another team's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What was done: how many users were deleted at Junction, and what was removed here."""

    at_junction: int
    here: Forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgettingService:
    """`patience`: seconds for all that forgetting one patient asks of Junction."""

    junction: JunctionGateway
    users: JunctionUserDirectory
    retention: Retention
    clock: Clock
    patience: float

    async def forget(self, patient_id: PatientId, *, accept_unknown: bool = False) -> Forgetting:
        """Delete the patient's Junction users, then all that is on record of them here.

        In that order, as our records are what names the users; to ask again does no harm.

        Raises:
            JunctionError: it is not known what Junction did; nothing is removed here.
            UsersUnknown: there was nobody to delete there, of those on record here, and that is
                not accepted; nothing is removed here.

        """
        by = self.clock.monotonic() + self.patience
        on_record = [user.id for user in await self.users.all_of(patient_id)]
        # Nobody may have come back from the mint that made the user.
        found = await self.junction.find_user(patient_id, by=by)
        unheard_of = [found.id] if found and found.id not in on_record else []
        deleted = [await self.junction.delete_user(id_, by=by) for id_ in on_record + unheard_of]
        if on_record and not any(deleted) and not accept_unknown:
            raise UsersUnknown
        pseudonym = PatientId(f"forgotten-{uuid4()}")
        removed = await self.retention.forget(Forget(patient_id=patient_id, pseudonym=pseudonym))
        return Forgetting(at_junction=sum(deleted), here=removed)
