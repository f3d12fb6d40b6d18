"""The names by which things are known; none of them is a secret, none of them is ours to read."""

import unicodedata
from dataclasses import dataclass
from typing import Final, NewType
from uuid import UUID

from domain.errors import InvalidToken

PatientId = NewType("PatientId", str)
"""Who the bearer token says is asking; Junction knows it as `client_user_id`."""

JunctionUserId = NewType("JunctionUserId", str)
"""Junction's own id of a patient."""

ConnectionId = NewType("ConnectionId", UUID)

RequestId = NewType("RequestId", str)


_LONGEST_PATIENT_ID: Final = 255
_UNSPEAKABLE: Final = {"Cc", "Cs"}  # control characters; halves of a character, alone


def parse_patient_id(claim: str) -> PatientId:
    """The patient that a bearer token names.

    Raises:
        InvalidToken: no patient is called that: nothing, too much, or what is no text.

    """
    if not 0 < len(claim) <= _LONGEST_PATIENT_ID:
        raise InvalidToken
    spoken = claim.isprintable()  # of nearly every name, and then nothing else need be looked up
    if not spoken and any(unicodedata.category(each) in _UNSPEAKABLE for each in claim):
        raise InvalidToken
    return PatientId(claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The patient who asks, and the request in which they do."""

    patient_id: PatientId
    request_id: RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class JunctionUser:
    """A patient as Junction knows them.

    `team_id` is absent where Junction named the user in a conflict only.
    """

    id: JunctionUserId
    patient_id: PatientId
    team_id: str | None
