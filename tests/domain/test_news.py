"""What a look at Junction does to the patient's rows, and which changes are events."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.facts import Status
from domain.history import Cause
from domain.identifiers import ConnectionId, JunctionUserId
from domain.ledger import JunctionUserOnRecord
from domain.news import News, Noted
from domain.provider import ProviderName
from tests.builders import ANNAS_USER, GARMIN, NOW, OURA, a_listing, some_facts
from tests.news import (
    ANNAS_USER_ON_RECORD,
    LINKED,
    a_connection,
    a_letting_go,
    an_arrival,
    changed_nothing,
    noted,
    some_news,
)


def outcomes(result: Noted) -> dict[ProviderName, Status]:
    return {row.provider: row.status for row in result.connections}


class TestLook:
    def test_row_of_a_link_that_nobody_came_back_for_is_opened(self) -> None:
        result = noted(some_news(a_listing(), asked=98.5))

        [opened] = result.connections
        assert opened == a_connection(id=opened.id, facts=opened.facts)
        assert opened.status is Status.CONNECTED
        assert opened.facts.seen.asked_at == NOW - timedelta(seconds=1.5)
        assert opened.facts.opened_at == NOW

    def test_every_listed_row_is_noted_whatever_it_is_called(self) -> None:
        result = noted(
            some_news(a_listing("whoop_v2"), a_listing("garmin"), a_listing("not_invented_yet"))
        )

        assert outcomes(result) == dict.fromkeys(
            ("whoop", "garmin", "not_invented_yet"), Status.CONNECTED
        )

    def test_stored_row_that_is_not_listed_is_absent(self) -> None:
        result = noted(some_news(a_listing("garmin"), asked=100.0), LINKED)

        assert outcomes(result) == {OURA: Status.DISCONNECTED, GARMIN: Status.CONNECTED}

    def test_user_who_is_gone_has_no_row_that_is_listed(self) -> None:
        assert outcomes(noted(some_news(asked=100.0), LINKED)) == {OURA: Status.DISCONNECTED}

    def test_look_that_began_before_what_was_seen_changes_nothing(self) -> None:
        seen_now = a_connection(facts=some_facts(a_listing(), NOW))

        assert changed_nothing(noted(some_news(asked=98.5), seen_now))

    def test_row_of_a_user_of_the_past_becomes_the_current_ones(self) -> None:
        old = a_connection(junction_user_id=JunctionUserId("of the past"))

        result = noted(some_news(a_listing(), asked=100.0), old)

        assert [row.junction_user_id for row in result.connections] == [ANNAS_USER]
        assert len(result.events) == 1


class TestEvents:
    def test_each_row_that_changed_visibly_is_one(self) -> None:
        news = some_news(a_listing("garmin"), asked=100.0, cause=Cause.RECONCILE)

        result = noted(news, LINKED)

        assert [(event.provider, event.outcome) for event in result.events] == [
            (GARMIN, Status.CONNECTED),
            (OURA, Status.DISCONNECTED),
        ]
        assert {(event.cause, event.at, event.request_id) for event in result.events} == {
            (Cause.RECONCILE, NOW, "request-1")
        }
        assert len({event.id for event in result.events}) == 2

    def test_it_names_the_reason_of_an_error(self) -> None:
        broken = a_listing(status="error", error_type="token_refresh_failed")

        [event] = noted(some_news(broken, asked=100.0), LINKED).events

        assert (event.outcome, event.error_type) == (Status.ERROR, "token_refresh_failed")
        assert event.connection_id == LINKED.id

    @pytest.mark.parametrize(
        "news",
        [
            some_news(a_listing(), asked=100.0),
            some_news(look=None, arrival=an_arrival(heard=100.0)),
        ],
        ids=["looked again", "data"],
    )
    def test_change_that_a_caller_cannot_see_is_none(self, news: News) -> None:
        result = noted(news, LINKED)

        assert len(result.connections) == 1
        assert result.events == []


@pytest.mark.parametrize(
    "current",
    [None, replace(ANNAS_USER_ON_RECORD, id=JunctionUserId("another"))],
    ids=["no user", "another user"],
)
def test_news_of_a_user_who_is_not_the_current_one_change_nothing(
    current: JunctionUserOnRecord | None,
) -> None:
    news = some_news(a_listing(), arrival=an_arrival(), letting_go=a_letting_go())

    result = noted(news, LINKED, current_user=current)

    assert changed_nothing(result)


def test_row_that_is_known_keeps_its_id_and_a_new_one_has_its_own() -> None:
    result = noted(some_news(a_listing("garmin"), a_listing(), asked=100.0), LINKED)

    ids = {row.provider: row.id for row in result.connections}
    assert ids[OURA] == LINKED.id
    assert ids[GARMIN] != LINKED.id
    assert ids[GARMIN] != ConnectionId(result.events[0].id)
