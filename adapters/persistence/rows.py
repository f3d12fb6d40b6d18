"""Domain objects as rows of the tables, columns in the order in which `tables` has them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.connection import Connection
from domain.facts import Facts, Listed, Observation
from domain.history import Cause, ConnectionEvent
from domain.identifiers import ConnectionId
from domain.junction_event import MessageId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.provider import Listing

Row = Sequence[Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def user_row(user: JunctionUserOnRecord) -> Row:
    minted_at, looked_at = microseconds(user.minted_at), _microseconds_or_none(user.looked_at)
    return user.id, user.patient_id, user.team_id, minted_at, looked_at


def user_of(row: Row) -> JunctionUserOnRecord:
    id_, patient_id, team_id, minted_at, looked_at = row
    return JunctionUserOnRecord(
        id=id_,
        patient_id=patient_id,
        team_id=team_id,
        minted_at=time_of(minted_at),
        looked_at=_time_or_none(looked_at),
    )


def entry_row(entry: LedgerEntry) -> Row:
    return (
        entry.digest,
        entry.patient_id,
        entry.junction_user_id,
        entry.provider,
        microseconds(entry.minted_at),
        microseconds(entry.expires_at),
        entry.bound_to,
        int(entry.minted_here),
    )


def entry_of(row: Row) -> LedgerEntry:
    digest, patient_id, junction_user_id, provider, minted_at, expires_at, bound_to, here = row
    return LedgerEntry(
        digest=digest,
        patient_id=patient_id,
        junction_user_id=junction_user_id,
        provider=provider,
        minted_at=time_of(minted_at),
        expires_at=time_of(expires_at),
        bound_to=bound_to,
        minted_here=bool(here),
    )


def connection_row(connection: Connection) -> Row:
    facts = connection.facts
    listing = facts.seen.listing
    listed = facts.listed
    return (
        str(connection.id),
        connection.patient_id,
        connection.provider,
        connection.junction_user_id,
        microseconds(facts.seen.asked_at),
        listing.slug if listing else None,
        listing.status if listing else None,
        microseconds(listing.created_on) if listing else None,
        listing.error_type if listing else None,
        microseconds(facts.opened_at),
        microseconds(listed.at) if listed else None,
        microseconds(listed.created_on) if listed else None,
        *map(_microseconds_or_none, (facts.sought_at, facts.let_go_at, facts.last_synced_at)),
        connection.status,
    )


def connection_of(row: Row) -> Connection:
    id_, patient_id, provider, junction_user_id, *facts, _ = row
    return Connection(
        id=ConnectionId(UUID(id_)),
        patient_id=patient_id,
        provider=provider,
        junction_user_id=junction_user_id,
        facts=_facts_of(facts),
    )


def event_row(event: ConnectionEvent) -> Row:
    return (
        str(event.id),
        microseconds(event.at),
        event.patient_id,
        None if event.connection_id is None else str(event.connection_id),
        event.provider,
        event.cause,
        event.outcome,
        event.error_type,
        event.request_id,
    )


def event_of(row: Row) -> ConnectionEvent:
    id_, at, patient_id, connection_id, provider, cause, outcome, error_type, request_id = row
    return ConnectionEvent(
        id=UUID(id_),
        at=time_of(at),
        patient_id=patient_id,
        connection_id=None if connection_id is None else ConnectionId(UUID(connection_id)),
        provider=provider,
        cause=Cause(cause),
        outcome=outcome,
        error_type=error_type,
        request_id=request_id,
    )


def message_row(message: tuple[MessageId, datetime]) -> Row:
    message_id, heard_at = message
    return message_id, microseconds(heard_at)


def message_of(row: Row) -> tuple[MessageId, datetime]:
    message_id, heard_at = row
    return message_id, time_of(heard_at)


def _facts_of(row: Row) -> Facts:
    seen_at, slug, status, created_on, error_type, opened_at = row[:6]
    listed_at, listed_created_on, sought_at, let_go_at, last_synced_at = map(
        _time_or_none, row[6:]
    )
    listing = None
    if slug is not None:
        listing = Listing(
            slug=slug, status=status, created_on=time_of(created_on), error_type=error_type
        )
    listed = None
    if listed_at is not None and listed_created_on is not None:
        listed = Listed(at=listed_at, created_on=listed_created_on)
    return Facts(
        seen=Observation(listing=listing, asked_at=time_of(seen_at)),
        opened_at=time_of(opened_at),
        listed=listed,
        sought_at=sought_at,
        let_go_at=let_go_at,
        last_synced_at=last_synced_at,
    )


def microseconds(moment: datetime) -> int:
    """How many have passed since 1970: what a time is stored as."""
    return (moment - _EPOCH) // _MICROSECOND


def _microseconds_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def time_of(count: int) -> datetime:
    """The moment of so many microseconds since 1970."""
    return _EPOCH + count * _MICROSECOND


def _time_or_none(count: int | None) -> datetime | None:
    return None if count is None else time_of(count)
