"""What is stored comes back as it was, whatever it was."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from adapters.persistence import rows, tables
from domain.connection import Connection
from domain.facts import Facts, Listed, Observation, Status
from domain.history import Cause, ConnectionEvent
from domain.identifiers import ConnectionId, JunctionUserId, PatientId, RequestId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.link_token import TokenDigest
from domain.provider import Listing, ProviderName, Slug

moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  (hypothesis wants bounds without a zone)
maybe = st.none() | moments
words = st.text(min_size=1)

listings = st.builds(
    Listing,
    slug=words.map(Slug),
    status=st.text(),
    created_on=moments,
    error_type=st.none() | words,
)
facts = st.builds(
    Facts,
    seen=st.builds(Observation, listing=st.none() | listings, asked_at=moments),
    opened_at=moments,
    listed=st.none() | st.builds(Listed, at=moments, created_on=moments),
    sought_at=maybe,
    let_go_at=maybe,
    last_synced_at=maybe,
)
connections = st.builds(
    Connection,
    id=st.uuids().map(ConnectionId),
    patient_id=words.map(PatientId),
    provider=words.map(ProviderName),
    junction_user_id=words.map(JunctionUserId),
    facts=facts,
)
entries = st.builds(
    LedgerEntry,
    digest=words.map(TokenDigest),
    patient_id=words.map(PatientId),
    junction_user_id=words.map(JunctionUserId),
    provider=st.none() | words.map(ProviderName),
    minted_at=moments,
    expires_at=moments,
    bound_to=st.none() | words.map(ProviderName),
)
users = st.builds(
    JunctionUserOnRecord,
    id=words.map(JunctionUserId),
    patient_id=words.map(PatientId),
    team_id=st.none() | words,
    minted_at=moments,
)
events = st.builds(
    ConnectionEvent,
    id=st.uuids(),
    at=moments,
    patient_id=words.map(PatientId),
    connection_id=st.uuids().map(ConnectionId),
    provider=words.map(ProviderName),
    cause=st.sampled_from(Cause),
    outcome=st.sampled_from(Status),
    error_type=st.none() | words,
    request_id=words.map(RequestId),
)


@given(connections)
def test_connection_comes_back_as_it_was(connection: Connection) -> None:
    row = rows.connection_row(connection)

    assert rows.connection_of(row) == connection
    assert len(row) == len(tables.connections.columns)


@given(entries)
def test_ledger_entry_comes_back_as_it_was(entry: LedgerEntry) -> None:
    row = rows.entry_row(entry)

    assert rows.entry_of(row) == entry
    assert len(row) == len(tables.link_tokens.columns)


@given(users)
def test_junction_user_comes_back_as_it_was(user: JunctionUserOnRecord) -> None:
    row = rows.user_row(user)

    assert rows.user_of(row) == user
    assert len(row) == len(tables.junction_users.columns)


@given(events)
def test_event_comes_back_as_it_was(event: ConnectionEvent) -> None:
    row = rows.event_row(event)

    assert rows.event_of(row) == event
    assert len(row) == len(tables.connection_events.columns)


@given(connections)
def test_times_are_whole_numbers_of_microseconds(connection: Connection) -> None:
    times = [
        value
        for column, value in zip(
            tables.connections.columns, rows.connection_row(connection), strict=True
        )
        if column.name.endswith(("_at", "_on"))
    ]

    assert all(value is None or isinstance(value, int) for value in times)
