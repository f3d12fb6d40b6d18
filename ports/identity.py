"""From a bearer token to the one who is asking."""

from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import PatientId
from domain.secret import Secret


class BearerToken(Secret):
    """What a caller sent to say who they are."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who the token says is asking."""

    patient_id: PatientId


class Identity(Protocol):
    """The authority on bearer tokens."""

    async def authenticate(self, token: BearerToken) -> Principal:
        """Who `token` was issued to.

        Raises:
            InvalidToken: it is malformed, unknown, expired or revoked, or names a patient by
                more than 255 characters, or with control characters or lone surrogates.

        """
        ...
