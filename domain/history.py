"""What happened, line by line: how connections changed, and which attempts were refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.identifiers import ConnectionId, PatientId, RequestId
from domain.moment import Moment
from domain.provider import ProviderName

NewId = Callable[[], UUID]


class Cause(StrEnum):
    """What somebody was doing."""

    EXCHANGE = "exchange"
    READ = "read"
    WEBHOOK = "webhook"
    DISCONNECT = "disconnect"
    RECONCILE = "reconcile"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionEvent:
    """One line: who, what, when, outcome, in which request. No health data, no token.

    `outcome` is the status after a change, or the code of the error that refused an attempt. An
    attempt names no provider, and a connection only where that is what was asked for.
    """

    id: UUID
    at: datetime
    patient_id: PatientId
    connection_id: ConnectionId | None
    provider: ProviderName | None
    cause: Cause
    outcome: str
    error_type: str | None
    request_id: RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An attempt that was refused; `asked` is the monotonic time of it, in seconds."""

    patient_id: PatientId
    connection_id: ConnectionId | None
    cause: Cause
    outcome: str
    asked: float
    request_id: RequestId

    def as_event(self, moment: Moment, new_id: NewId) -> ConnectionEvent:
        return ConnectionEvent(
            id=new_id(),
            at=moment.at(self.asked),
            patient_id=self.patient_id,
            connection_id=self.connection_id,
            provider=None,
            cause=self.cause,
            outcome=self.outcome,
            error_type=None,
            request_id=self.request_id,
        )
