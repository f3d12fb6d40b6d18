"""A wearable connection: the row of a patient and a provider."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.facts import Facts, Status
from domain.identifiers import ConnectionId, JunctionUserId, PatientId
from domain.provider import ProviderName


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The row of (patient, provider). Its `id` is given once and never changes."""

    id: ConnectionId
    patient_id: PatientId
    provider: ProviderName
    junction_user_id: JunctionUserId
    facts: Facts

    @property
    def status(self) -> Status:
        return self.facts.status

    @property
    def connected_at(self) -> datetime:
        return self.facts.connected_at

    @property
    def last_synced_at(self) -> datetime | None:
        return self.facts.last_synced_at

    def learn(self, facts: Facts, *, junction_user_id: JunctionUserId) -> "Connection":
        """The same connection, knowing more."""
        return replace(self, facts=self.facts.join(facts), junction_user_id=junction_user_id)
