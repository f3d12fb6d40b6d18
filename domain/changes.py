"""What a write changed of a connection, as the history tells it."""

from datetime import datetime
from uuid import UUID

from domain.connection import Connection
from domain.history import Cause, ConnectionEvent
from domain.identifiers import RequestId


def visible(connection: Connection | None) -> tuple[object, ...] | None:
    """What a caller could tell apart; having looked again, or heard of new data, is no change."""
    if connection is None:
        return None
    facts = connection.facts
    return connection.junction_user_id, facts.status, facts.error_type, facts.connected_at


def event_about(
    connection: Connection, cause: Cause, request_id: RequestId, *, at: datetime, new_id: UUID
) -> ConnectionEvent:
    """The line that says what `connection` has become."""
    return ConnectionEvent(
        id=new_id,
        at=at,
        patient_id=connection.patient_id,
        connection_id=connection.id,
        provider=connection.provider,
        cause=cause,
        outcome=connection.status,
        error_type=connection.facts.error_type,
        request_id=request_id,
    )
