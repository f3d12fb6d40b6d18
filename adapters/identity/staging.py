"""Identity for staging: the bearer token says the patient's name aloud and proves nothing."""

from typing import Final

from domain.errors import InvalidToken
from domain.identifiers import parse_patient_id
from ports.identity import BearerToken, Principal

_PREFIX: Final = "staging."


class StagingIdentity:
    """`Bearer staging.<patient_id>` is that patient."""

    async def authenticate(self, token: BearerToken) -> Principal:
        value = token.reveal()
        if not value.startswith(_PREFIX):
            raise InvalidToken
        return Principal(patient_id=parse_patient_id(value.removeprefix(_PREFIX)))
