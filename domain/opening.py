"""A row that was not there before."""

from uuid import UUID

from domain.connection import Connection
from domain.facts import Facts
from domain.identifiers import ConnectionId
from domain.ledger import JunctionUserOnRecord
from domain.provider import ProviderName


def opened(
    user: JunctionUserOnRecord, provider: ProviderName, facts: Facts, new_id: UUID
) -> Connection:
    """The first row of a provider of the patient's.

    That nobody listed it is remembered in a row, where there is one. Where there was none the
    user's last look says so: an answer that is older and comes late must not revive a link.
    """
    if user.looked_at is not None:
        unlisted = Facts.observed(None, asked_at=user.looked_at, heard_at=facts.opened_at)
        facts = facts.join(unlisted)
    return Connection(
        id=ConnectionId(new_id),
        patient_id=user.patient_id,
        provider=provider,
        junction_user_id=user.id,
        facts=facts,
    )
