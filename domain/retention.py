"""What ends: what a patient wants forgotten, and what nobody can use any more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.identifiers import PatientId

TOKENS_KEPT: Final = timedelta(days=30)
"""For how long after its expiry a link token that was never exchanged is known as expired."""

MESSAGES_KEPT: Final = timedelta(days=30)
"""For how long a webhook message is known as heard; its sender gives up after 28 hours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Remove what is on record of a patient; in the history `pseudonym` stands in their place."""

    patient_id: PatientId
    pseudonym: PatientId


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many rows were removed, and how many lines of the history bear a pseudonym now."""

    connections: int
    link_tokens: int
    junction_users: int
    events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Remove what is past its time, `limit` link tokens and `limit` messages at most."""

    limit: int
