"""What arrived data and the patient's wish to let go do to the patient's rows."""

from datetime import datetime, timedelta

import pytest

from domain.facts import Status
from domain.provider import ProviderName
from tests.builders import GARMIN, NOW, OURA, a_listing, hours, some_facts
from tests.news import (
    BEFORE,
    LINKED,
    a_connection,
    a_letting_go,
    an_arrival,
    changed_nothing,
    noted,
    some_news,
)

FITBIT = ProviderName("fitbit")


class TestArrival:
    def test_data_without_a_time_are_as_old_as_the_message(self) -> None:
        [row] = noted(some_news(look=None, arrival=an_arrival(heard=99.0)), LINKED).connections

        assert row.last_synced_at == NOW - timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("at", "synced_at"),
        [
            (BEFORE, BEFORE),
            (NOW - timedelta(seconds=1), NOW - timedelta(seconds=1)),
            (NOW + hours(1), NOW - timedelta(seconds=1)),
        ],
        ids=["past", "just now", "future"],
    )
    def test_junctions_time_is_taken_but_never_one_after_the_message(
        self, at: datetime, synced_at: datetime
    ) -> None:
        news = some_news(look=None, arrival=an_arrival(at=at, heard=99.0))

        [row] = noted(news, LINKED).connections

        assert row.last_synced_at == synced_at

    def test_earlier_data_that_come_later_change_nothing(self) -> None:
        synced = a_connection(facts=some_facts(a_listing(), last_synced_at=NOW))
        news = some_news(look=None, arrival=an_arrival(at=BEFORE))

        assert changed_nothing(noted(news, synced))

    def test_data_alone_leave_what_was_seen_as_it_is(self) -> None:
        other = a_connection(provider=GARMIN)
        news = some_news(look=None, arrival=an_arrival(heard=100.0))

        [row] = noted(news, LINKED, other).connections

        assert row.id == LINKED.id
        assert row.facts.seen == LINKED.facts.seen

    def test_data_alone_open_nothing(self) -> None:
        news = some_news(look=None, arrival=an_arrival())

        assert changed_nothing(noted(news))

    def test_data_with_a_look_speak_of_their_provider_only(self) -> None:
        news = some_news(a_listing(), a_listing("garmin"), arrival=an_arrival(heard=100.0))

        result = noted(news)

        assert {row.provider: row.last_synced_at for row in result.connections} == {
            OURA: NOW,
            GARMIN: None,
        }

    def test_data_are_evidence_of_a_link_that_is_not_listed(self) -> None:
        [row] = noted(some_news(arrival=an_arrival(heard=100.0))).connections

        assert (row.provider, row.status, row.last_synced_at) == (OURA, Status.DISCONNECTED, NOW)

    def test_data_of_a_provider_without_a_name_here_are_none(self) -> None:
        assert noted(some_news(arrival=an_arrival(provider=FITBIT))).connections == []

    def test_data_of_a_provider_without_a_name_here_reach_its_row(self) -> None:
        fitbit = a_connection(provider=FITBIT)
        news = some_news(look=None, arrival=an_arrival(provider=FITBIT, heard=100.0))

        [row] = noted(news, fitbit).connections

        assert row.last_synced_at == NOW


class TestLettingGo:
    def test_it_is_remembered_with_what_was_seen_afterwards(self) -> None:
        sought = a_connection(facts=some_facts(None, BEFORE, sought_at=BEFORE))
        news = some_news(asked=99.5, letting_go=a_letting_go(asked=99.0))

        [row] = noted(news, sought).connections

        assert sought.status is Status.PENDING
        assert row.status is Status.DISCONNECTED
        assert row.facts.let_go_at == NOW - timedelta(seconds=1)

    def test_it_is_remembered_of_its_own_provider_only(self) -> None:
        other = a_connection(provider=GARMIN)
        news = some_news(asked=100.0, letting_go=a_letting_go())

        result = noted(news, LINKED, other)

        let_go = {row.provider: row.facts.let_go_at is not None for row in result.connections}
        assert let_go == {OURA: True, GARMIN: False}

    def test_it_alone_changes_no_more_than_its_own_time(self) -> None:
        news = some_news(look=None, letting_go=a_letting_go(asked=100.0))

        [row] = noted(news, LINKED).connections

        assert row.facts.let_go_at == NOW
        assert row.facts.seen == LINKED.facts.seen

    def test_it_is_an_event_though_nothing_changed(self) -> None:
        gone = a_connection(facts=some_facts(None, BEFORE, let_go_at=BEFORE))
        news = some_news(asked=100.0, letting_go=a_letting_go(asked=100.0))

        [event] = noted(news, gone).events

        assert event.outcome == Status.DISCONNECTED

    def test_it_is_an_event_of_its_own_provider_only(self) -> None:
        facts = some_facts(None, BEFORE)
        rows = (a_connection(facts=facts), a_connection(provider=GARMIN, facts=facts))

        [event] = noted(some_news(asked=100.0, letting_go=a_letting_go()), *rows).events

        assert event.provider == OURA
