"""What a write does to the records it touches."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.connection import Connection
from domain.errors import InvalidLinkToken, ProviderMismatch
from domain.facts import Status
from domain.history import Cause
from domain.identifiers import JunctionUserId
from domain.junction_errors import JunctionContradiction
from domain.ledger import JunctionUserOnRecord, LedgerEntry, enter
from domain.moment import Moment
from domain.provider import Listing
from domain.recording import OnRecord, Recorded, Report, record
from tests.builders import (
    ANNA,
    ANNAS_USER,
    BEN,
    GARMIN,
    NOW,
    OURA,
    a_listing,
    a_mint,
    a_report,
    an_entry,
    hours,
)

MOMENT = Moment(now=NOW, monotonic=100.0)
ID = UUID(int=7)
MINTED = an_entry(minted_at=NOW - hours(1))
ON_RECORD = JunctionUserOnRecord(
    id=ANNAS_USER, patient_id=ANNA, team_id=a_mint().team_id, minted_at=NOW
)


def recorded(
    report: Report | None = None,
    *,
    entry: LedgerEntry | None = MINTED,
    current_user: JunctionUserOnRecord | None = ON_RECORD,
    stored: Connection | None = None,
    moment: Moment = MOMENT,
) -> Recorded:
    on_record = OnRecord(entry=entry, current_user=current_user, connection=stored)
    return record(
        report or a_report(a_listing(), asked=98.5), on_record, moment, new_id=lambda: ID
    )


def test_moment_tells_when_something_was_by_how_long_ago_it_was() -> None:
    assert MOMENT.at(98.5) == NOW - timedelta(seconds=1.5)


def test_mint_is_entered_as_of_the_repositorys_clock() -> None:
    entered = enter(a_mint(provider=OURA, asked=90.0), user=None, moment=MOMENT)

    minted_at = NOW - timedelta(seconds=10)
    assert entered.entry == an_entry(
        provider=OURA, minted_at=minted_at, expires_at=minted_at + hours(1)
    )
    assert entered.user == replace(ON_RECORD, minted_at=minted_at)


def test_junction_user_keeps_team_and_newest_mint() -> None:
    known = replace(ON_RECORD, minted_at=NOW + hours(1))

    entered = enter(a_mint(team_id=None, asked=90.0), user=known, moment=MOMENT)

    assert entered.user == known


def test_junction_user_never_changes_hands() -> None:
    with pytest.raises(JunctionContradiction):
        enter(a_mint(patient_id=BEN), user=ON_RECORD, moment=MOMENT)


def test_first_report_opens_the_connection() -> None:
    first = recorded()

    assert first.connection.id == ID
    assert first.connection.status is Status.CONNECTED
    facts = first.connection.facts
    assert facts.seen.asked_at == NOW - timedelta(seconds=1.5)
    assert facts.opened_at == NOW
    assert facts.sought_at == NOW - hours(1)
    assert first.entry.bound_to == OURA


def test_absent_provider_is_recorded_as_never_listed() -> None:
    facts = recorded(a_report(None)).connection.facts

    assert facts.listed is None
    assert facts.status is Status.PENDING


def test_first_report_is_an_event() -> None:
    event = recorded().event

    assert event is not None
    assert (event.patient_id, event.provider, event.connection_id) == (ANNA, OURA, ID)
    assert (event.cause, event.outcome, event.at) == (Cause.EXCHANGE, Status.CONNECTED, NOW)
    assert event.request_id == "request-1"


def test_having_looked_again_is_no_event() -> None:
    first = recorded()
    later = replace(MOMENT, now=NOW + hours(1))

    again = recorded(entry=first.entry, stored=first.connection, moment=later)

    assert again.event is None
    assert again.connection.facts.seen.asked_at > first.connection.facts.seen.asked_at
    assert again.connection.id == first.connection.id


@pytest.mark.parametrize(
    "listing",
    [
        a_listing(status="error"),
        a_listing(created_on=NOW - hours(5)),
        None,
    ],
    ids=["status", "connected_at", "absent"],
)
def test_visible_change_is_an_event(listing: Listing | None) -> None:
    first = recorded()

    report = a_report(listing, asked=99.0)
    event = recorded(report, entry=first.entry, stored=first.connection).event

    assert event is not None


def test_change_of_error_type_is_an_event() -> None:
    first = recorded(a_report(a_listing(status="error", error_type="unknown")))
    report = a_report(a_listing(status="error", error_type="user_not_found"), asked=99.0)

    event = recorded(report, entry=first.entry, stored=first.connection).event

    assert event is not None
    assert event.error_type == "user_not_found"


def test_another_token_for_the_same_connection_is_an_event() -> None:
    first = recorded()

    assert recorded(stored=first.connection).event is not None


def test_connection_follows_the_patients_current_junction_user() -> None:
    first = recorded()
    newer = JunctionUserId("another")

    report = a_report(a_listing(), junction_user_id=newer)
    user = replace(ON_RECORD, id=newer)
    second = recorded(report, current_user=user, stored=first.connection, entry=first.entry)

    assert second.connection.junction_user_id == newer
    assert second.event is not None


@pytest.mark.parametrize(
    "entry", [None, an_entry(patient_id=BEN)], ids=["unknown token", "foreign token"]
)
def test_report_without_a_token_of_the_patients_is_refused(entry: LedgerEntry | None) -> None:
    with pytest.raises(InvalidLinkToken):
        recorded(entry=entry)


@pytest.mark.parametrize(
    "current",
    [None, replace(ON_RECORD, id=JunctionUserId("another"))],
    ids=["no user", "another user"],
)
def test_report_of_a_user_who_is_not_the_current_one_is_refused(
    current: JunctionUserOnRecord | None,
) -> None:
    with pytest.raises(InvalidLinkToken):
        recorded(current_user=current)


def test_token_bound_to_another_provider_is_refused() -> None:
    with pytest.raises(ProviderMismatch):
        recorded(entry=an_entry(bound_to=GARMIN))
