"""A patient is forgotten: at Junction, then here."""

from dataclasses import dataclass
from uuid import uuid4

from domain.identifiers import PatientId
from domain.retention import Forget, Forgotten
from ports.clock import Clock
from ports.junction_gateway import JunctionGateway
from ports.repositories import JunctionUserDirectory
from ports.retention import Retention


class UserUnknown(Exception):
    """Junction knows no user of the patient's: deleted before, or the key is another team's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What was done: how many users are gone at Junction, and what was removed here."""

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
            UserUnknown: there are users on record, and Junction knows the patient by none. Unless
                that is accepted nothing is removed here: nobody else remembers who they are.

        """
        by = self.clock.monotonic() + self.patience
        on_record = {user.id for user in await self.users.all_of(patient_id)}
        # Also one whom we have never heard of, as nobody came back from the mint that made them.
        found = await self.junction.find_user(patient_id, by=by)
        if on_record and found is None and not accept_unknown:
            raise UserUnknown
        everybody = on_record | ({found.id} if found else set())
        for user_id in everybody:
            await self.junction.delete_user(user_id, by=by)
        pseudonym = PatientId(f"forgotten-{uuid4()}")
        removed = await self.retention.forget(Forget(patient_id=patient_id, pseudonym=pseudonym))
        return Forgetting(at_junction=len(everybody), here=removed)
