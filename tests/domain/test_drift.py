"""What a run of reconciling counts, and when so many links are gone that it must be a mistake."""

from typing import Final
from uuid import UUID

import pytest

from domain.connection import Connection
from domain.drift import Drift
from domain.facts import Status
from domain.identifiers import ConnectionId
from domain.provider import ProviderName
from tests.builders import ANNA, ANNAS_USER, GARMIN, OURA, a_listing, some_facts

CONNECTED: Final = some_facts(a_listing())
FACTS: Final = {
    Status.CONNECTED: CONNECTED,
    Status.ERROR: some_facts(a_listing(status="error")),
    Status.PENDING: some_facts(a_listing(status="linking")),
    Status.DISCONNECTED: some_facts(None),
}


def a_row(status: Status, provider: ProviderName = OURA) -> Connection:
    row = Connection(
        id=ConnectionId(UUID(int=1)),
        patient_id=ANNA,
        provider=provider,
        junction_user_id=ANNAS_USER,
        facts=FACTS[status],
    )
    assert row.status is status
    return row


def drifted(count: int, before: Status, after: Status, drift: Drift | None = None) -> Drift:
    """So many patients, of one row each, found like that."""
    drift = drift or Drift()
    for _ in range(count):
        drift.add({OURA: a_row(before)}, [a_row(after)])
    return drift


def test_nothing_found_is_nothing_counted() -> None:
    drift = Drift()

    assert (drift.users, drift.rows, drift.changed, drift.opened) == (0, 0, 0, 0)
    assert not drift.doubt.is_raised


def test_rows_are_counted_by_what_they_were_and_are() -> None:
    drift = Drift()
    drift.add(
        {OURA: a_row(Status.CONNECTED), GARMIN: a_row(Status.PENDING, GARMIN)},
        [a_row(Status.ERROR), a_row(Status.PENDING, GARMIN)],
    )

    assert drift.changes == {
        (Status.CONNECTED, Status.ERROR): 1,
        (Status.PENDING, Status.PENDING): 1,
    }
    assert (drift.users, drift.rows, drift.changed, drift.opened) == (1, 2, 1, 0)


def test_row_that_was_not_on_record_is_opened_and_no_change() -> None:
    drift = Drift()
    drift.add({OURA: a_row(Status.CONNECTED)}, [a_row(Status.CONNECTED, GARMIN)])

    assert (drift.opened, drift.rows, drift.changed) == (1, 0, 0)


@pytest.mark.parametrize(
    ("stood", "lost", "suspicious"),
    [
        (49, 49, False),
        (50, 10, False),
        (50, 11, True),
        (50, 50, True),
        (1000, 200, False),
        (1000, 201, True),
    ],
)
@pytest.mark.parametrize("standing", [Status.CONNECTED, Status.ERROR])
def test_more_than_a_fifth_of_at_least_fifty_is_suspicious(
    standing: Status, stood: int, lost: int, *, suspicious: bool
) -> None:
    drift = drifted(stood - lost, standing, standing)
    drifted(lost, standing, Status.DISCONNECTED, drift)

    assert drift.doubt.is_raised is suspicious


def test_connected_ones_and_those_in_error_are_counted_together() -> None:
    drift = drifted(25, Status.CONNECTED, Status.DISCONNECTED)
    drifted(25, Status.ERROR, Status.DISCONNECTED, drift)

    assert drift.doubt.is_raised


@pytest.mark.parametrize("before", [Status.PENDING, Status.DISCONNECTED])
def test_links_that_never_stood_are_not_lost(before: Status) -> None:
    assert not drifted(1000, before, Status.DISCONNECTED).doubt.is_raised


@pytest.mark.parametrize("before", [Status.PENDING, Status.DISCONNECTED])
def test_links_that_never_stood_hide_no_loss(before: Status) -> None:
    drift = drifted(1000, before, before)

    assert drifted(50, Status.CONNECTED, Status.DISCONNECTED, drift).doubt.is_raised


@pytest.mark.parametrize("after", [Status.ERROR, Status.PENDING])
def test_link_that_is_broken_is_not_gone(after: Status) -> None:
    assert not drifted(1000, Status.CONNECTED, after).doubt.is_raised
