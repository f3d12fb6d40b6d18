"""A patient as the simulated Junction knows them."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.identifiers import JunctionUserId, PatientId
from domain.provider import Listing, Slug

_USER_IDS: Final = uuid.UUID("9d3a7a52-35ab-5c0e-8f0e-6a3d8a2c1b47")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedUser:
    id: JunctionUserId
    client_user_id: PatientId
    created_on: datetime
    listings: dict[Slug, Listing] = field(default_factory=dict)


def user_id_of(client_user_id: PatientId) -> JunctionUserId:
    """The id a patient's Junction user will have: derived, so that two processes agree on it."""
    return JunctionUserId(str(uuid.uuid5(_USER_IDS, client_user_id)))


class UserLimitReached(Exception):
    """A sandbox holds 50 users and no more (Junction docs, api-details/junction-api)."""


class ClientUserIdTaken(Exception):
    def __init__(self, user: SimulatedUser) -> None:
        super().__init__(user.id)
        self.user = user
