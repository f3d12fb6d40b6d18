"""Which changes of a connection a caller could tell."""

from dataclasses import replace
from typing import Any

import pytest

from domain.changes import visible
from domain.facts import Observation
from domain.identifiers import JunctionUserId
from tests.builders import NOW, a_listing, hours, some_facts
from tests.news import a_connection

BROKEN = a_listing(status="error", error_type="token_refresh_failed")
BEFORE = a_connection(facts=some_facts(BROKEN))


def changed(**facts: Any) -> bool:
    return visible(replace(BEFORE, facts=replace(BEFORE.facts, **facts))) != visible(BEFORE)


@pytest.mark.parametrize(
    "facts",
    [
        {"seen": Observation(listing=a_listing(), asked_at=NOW)},
        {"seen": Observation(listing=replace(BROKEN, error_type=None), asked_at=NOW)},
        {"listed": some_facts(a_listing(created_on=NOW - hours(1))).listed},
    ],
    ids=["status", "error_type", "connected_at"],
)
def test_what_a_caller_is_told_is_visible(facts: dict[str, Any]) -> None:
    assert changed(**facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"seen": Observation(listing=BROKEN, asked_at=NOW + hours(1))},
        {"last_synced_at": NOW},
        {"sought_at": NOW},
    ],
    ids=["looked again", "data", "another token"],
)
def test_everything_else_is_not(facts: dict[str, Any]) -> None:
    assert not changed(**facts)


def test_another_junction_user_is_visible() -> None:
    moved = replace(BEFORE, junction_user_id=JunctionUserId("another"))

    assert visible(moved) != visible(BEFORE)


def test_row_that_is_new_is_visible() -> None:
    assert visible(None) is None
    assert visible(BEFORE) is not None
