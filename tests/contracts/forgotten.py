"""A directory of Junction users that was emptied since somebody's row was read."""

from domain.identifiers import JunctionUserId, PatientId
from domain.ledger import JunctionUserOnRecord


class Forgotten:
    async def find(self, user_id: JunctionUserId) -> JunctionUserOnRecord | None:  # noqa: ARG002
        return None

    async def all_of(self, patient_id: PatientId) -> list[JunctionUserOnRecord]:  # noqa: ARG002
        return []
