"""Identity for staging: the bearer token says the patient's name aloud and proves nothing."""

from typing import Final

from domain.errors import InvalidToken
from domain.principal import Principal
from ports.identity import BearerToken

_PREFIX: Final = "staging."


class StagingIdentity:
    """`Bearer staging.<patient_id>` is that patient, who may do everything."""

    async def authenticate(self, token: BearerToken) -> Principal:
        value = token.reveal()
        if not value.startswith(_PREFIX):
            raise InvalidToken
        return Principal(subject=value.removeprefix(_PREFIX), scopes=frozenset({"admin:*"}))
