"""DESIGN 3: status is a pure function of facts that only grow."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.facts import Facts, Listed, Status
from domain.provider import Listing
from tests.builders import NOW, a_listing, hours, minutes, some_facts


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("connected", Status.CONNECTED),
        ("error", Status.ERROR),
        ("paused", Status.DISCONNECTED),
        ("Connected", Status.PENDING),
        ("active", Status.PENDING),
        ("available", Status.PENDING),
        ("", Status.PENDING),
    ],
)
def test_only_the_literal_word_is_connected(word: str, status: Status) -> None:
    assert some_facts(a_listing(status=word)).status is status


def test_error_type_is_known_while_the_status_is_error() -> None:
    listing = a_listing(status="error", error_type="token_refresh_failed")

    assert some_facts(listing).error_type == "token_refresh_failed"
    assert some_facts(replace(listing, status="connected")).error_type is None
    assert some_facts(None).error_type is None


@pytest.mark.parametrize("listing", [a_listing(created_on=NOW - hours(5)), None])
def test_answer_of_junctions_is_all_that_is_known_of_it(listing: Listing | None) -> None:
    asked_at, heard_at = NOW - minutes(1), NOW

    facts = Facts.observed(listing, asked_at=asked_at, heard_at=heard_at)

    assert facts == some_facts(listing, asked_at, opened_at=heard_at)


def absent(
    *,
    sought_at: datetime | None,
    asked_at: datetime = NOW,
    listed_at: datetime | None = None,
    let_go_at: datetime | None = None,
) -> Facts:
    listed = Listed(at=listed_at, created_on=NOW) if listed_at else None
    return some_facts(
        None, asked_at, sought_at=sought_at, listed=listed, let_go_at=let_go_at, opened_at=NOW
    )


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (absent(sought_at=NOW), Status.PENDING),
        (absent(sought_at=NOW, asked_at=NOW + hours(24.99)), Status.PENDING),
        (absent(sought_at=NOW, asked_at=NOW + hours(25)), Status.DISCONNECTED),
        (absent(sought_at=None), Status.DISCONNECTED),
        (absent(sought_at=NOW, listed_at=NOW - minutes(1)), Status.PENDING),
        (absent(sought_at=NOW, listed_at=NOW), Status.DISCONNECTED),
        (absent(sought_at=NOW, listed_at=NOW + minutes(1)), Status.DISCONNECTED),
        (absent(sought_at=NOW, let_go_at=NOW - minutes(1)), Status.PENDING),
        (absent(sought_at=NOW, let_go_at=NOW), Status.DISCONNECTED),
        (
            absent(sought_at=NOW, listed_at=NOW - minutes(1), let_go_at=NOW + minutes(1)),
            Status.DISCONNECTED,
        ),
        (
            absent(sought_at=NOW, listed_at=NOW + minutes(1), let_go_at=NOW - minutes(1)),
            Status.DISCONNECTED,
        ),
    ],
    ids=[
        "sought just now",
        "sought within 25 hours",
        "sought 25 hours ago",
        "never sought",
        "sought after it was listed",
        "sought as it was listed",
        "sought before it was listed",
        "sought after it was let go",
        "sought as it was let go",
        "listed, sought, let go",
        "let go, sought, listed",
    ],
)
def test_absent_provider_is_pending_only_while_it_may_still_appear(
    facts: Facts, status: Status
) -> None:
    assert facts.status is status


def test_connected_at_is_junctions_date_of_the_newest_listing() -> None:
    first = some_facts(a_listing(created_on=NOW - hours(3)), NOW)
    relinked = some_facts(a_listing(created_on=NOW - hours(1)), NOW + minutes(1))
    gone = some_facts(None, NOW + minutes(2))

    assert first.join(relinked).join(gone).connected_at == NOW - hours(1)


def test_connected_at_is_the_first_exchange_where_junction_never_listed_it() -> None:
    assert some_facts(None, opened_at=NOW - minutes(1)).connected_at == NOW - minutes(1)


def test_later_observation_wins_whatever_it_says() -> None:
    connected = some_facts(a_listing(), NOW)
    broken = some_facts(a_listing(status="error"), NOW + minutes(1))

    assert connected.join(broken).status is Status.ERROR
    assert broken.join(connected).status is Status.ERROR


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (a_listing(), a_listing(status="linking")),
        (a_listing(status="linking"), a_listing(status="error")),
        (a_listing(status="error"), a_listing(status="paused")),
        (a_listing(status="paused"), None),
        (a_listing(), None),
    ],
    ids=["pending", "error", "paused", "absent", "absent for connected"],
)
def test_less_connected_of_two_observations_of_the_same_instant_wins(
    more: Listing, less: Listing | None
) -> None:
    one, other = some_facts(more), some_facts(less)

    assert one.join(other).seen.listing == less
    assert other.join(one).seen.listing == less
