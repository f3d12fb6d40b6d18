"""From a bearer token to the one who is asking."""

from typing import Protocol

from domain.principal import Principal
from domain.secret import Secret


class BearerToken(Secret):
    """What a caller sent to say who they are."""

    __slots__ = ()


class Identity(Protocol):
    """The authority on bearer tokens."""

    async def authenticate(self, token: BearerToken) -> Principal:
        """Who `token` was issued to.

        Raises:
            InvalidToken: it is malformed, unknown, expired or revoked.
            IdentityUnavailable: the authority cannot be asked.

        """
        ...
