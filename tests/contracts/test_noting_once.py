"""What ConnectionRepository.note promises of messages and of the history, over every adapter."""

import asyncio

from domain.facts import Status
from domain.history import Cause
from domain.identifiers import RequestId
from domain.junction_event import MessageId
from tests.builders import ANNA, GARMIN, NOW, OURA, a_listing, a_mint, minutes
from tests.contracts.storages import Stored
from tests.news import a_letting_go, an_arrival, some_news

MESSAGE = MessageId("msg_1")
BROKEN = a_listing(status="error", error_type="token_refresh_failed")


class TestMessages:
    async def test_message_is_heard_once_its_news_are_stored(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())

        assert not await stored.connections.was_heard(MESSAGE)
        await stored.connections.note(some_news(a_listing(), message_id=MESSAGE))
        assert await stored.connections.was_heard(MESSAGE)
        assert not await stored.connections.was_heard(MessageId("msg_2"))

    async def test_message_is_heard_though_nothing_changed(self, stored: Stored) -> None:
        assert await stored.connections.note(some_news(message_id=MESSAGE)) == []

        assert await stored.connections.was_heard(MESSAGE)

    async def test_message_that_was_heard_changes_nothing_whatever_it_says_now(
        self, stored: Stored
    ) -> None:
        await stored.ledger.enter(a_mint())
        rows = await stored.connections.note(some_news(a_listing(), message_id=MESSAGE))
        stored.clock.advance(minutes(1))
        asked = stored.clock.monotonic()
        again = some_news(
            BROKEN,
            a_listing("garmin"),
            asked=asked,
            message_id=MESSAGE,
            arrival=an_arrival(heard=asked),
            letting_go=a_letting_go(asked=asked),
        )

        assert await stored.connections.note(again) == rows
        assert await stored.connections.list_for(ANNA) == rows
        assert len(await stored.events()) == 1

    async def test_news_of_no_message_are_taken_each_time(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        await stored.connections.note(some_news(a_listing(), message_id=MESSAGE))
        stored.clock.advance(minutes(1))

        [row] = await stored.connections.note(some_news(BROKEN, asked=stored.clock.monotonic()))

        assert row.status is Status.ERROR

    async def test_one_message_at_once_has_one_effect(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        stored.clock.advance(minutes(1))
        each_says_more = [
            some_news(a_listing(name), asked=float(n), message_id=MESSAGE)
            for n, name in enumerate(("oura", "garmin", "whoop") * 5)
        ]

        answers = await asyncio.gather(*map(stored.connections.note, each_says_more))

        [row] = await stored.connections.list_for(ANNA)
        assert answers == [[row]] * 15
        assert len(await stored.events()) == 1

    async def test_messages_at_once_are_all_heard_and_joined(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        stored.clock.advance(minutes(1))
        words = ["connected", "error"] * 10
        news = [
            some_news(a_listing(status=word), asked=float(n), message_id=MessageId(f"msg_{n}"))
            for n, word in enumerate(words)
        ]

        await asyncio.gather(*map(stored.connections.note, reversed(news)))

        [row] = await stored.connections.list_for(ANNA)
        assert row.status is Status.ERROR
        assert row.facts.seen.asked_at == NOW + minutes(19 / 60)
        assert [await stored.connections.was_heard(MessageId(f"msg_{n}")) for n in range(21)] == [
            *[True] * 20,
            False,
        ]


class TestEvents:
    async def test_each_visible_change_is_one(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        request = RequestId("request-7")
        await stored.connections.note(some_news(a_listing(), a_listing("garmin")))
        stored.clock.advance(minutes(1))
        await stored.connections.note(
            some_news(
                BROKEN,
                a_listing("garmin"),
                asked=stored.clock.monotonic(),
                cause=Cause.RECONCILE,
                request_id=request,
            )
        )

        *_, event = events = await stored.events()
        rows = {row.provider: row for row in await stored.connections.list_for(ANNA)}
        assert [(line.provider, line.outcome) for line in events] == [
            (GARMIN, Status.CONNECTED),
            (OURA, Status.CONNECTED),
            (OURA, Status.ERROR),
        ]
        assert (event.cause, event.request_id) == (Cause.RECONCILE, request)
        assert (event.at, event.error_type) == (NOW + minutes(1), "token_refresh_failed")
        assert [line.connection_id for line in events] == [
            rows[GARMIN].id,
            rows[OURA].id,
            rows[OURA].id,
        ]
        assert await stored.connections.history(ANNA, rows[OURA].id) == events[:0:-1]

    async def test_having_looked_again_and_data_are_none(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        await stored.connections.note(some_news(a_listing()))
        stored.clock.advance(minutes(1))
        asked = stored.clock.monotonic()

        await stored.connections.note(some_news(a_listing(), asked=asked))
        await stored.connections.note(some_news(look=None, arrival=an_arrival(heard=asked)))

        assert len(await stored.events()) == 1
        [row] = await stored.connections.list_for(ANNA)
        assert row.facts.seen.asked_at == row.last_synced_at == NOW + minutes(1)

    async def test_letting_go_is_always_one(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())
        await stored.connections.note(some_news(a_listing()))
        for _ in range(2):
            stored.clock.advance(minutes(1))
            asked = stored.clock.monotonic()
            await stored.connections.note(
                some_news(
                    asked=asked, cause=Cause.DISCONNECT, letting_go=a_letting_go(asked=asked)
                )
            )

        assert [(line.cause, line.outcome) for line in await stored.events()] == [
            (Cause.WEBHOOK, Status.CONNECTED),
            (Cause.DISCONNECT, Status.DISCONNECTED),
            (Cause.DISCONNECT, Status.DISCONNECTED),
        ]
