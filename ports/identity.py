"""From a bearer token to the one who is asking."""

from dataclasses import dataclass
from typing import Protocol

from domain.identifiers import PatientId


class BearerToken:
    """The secret a caller sent. It never shows its value but to `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "BearerToken(***)"

    def reveal(self) -> str:
        return self._value


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
                more than 255 characters or with control characters among them.

        """
        ...
