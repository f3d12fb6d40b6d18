"""Svix's retry schedule, on a clock that is turned: Junction docs, webhooks/retry-policy."""

from datetime import timedelta

import pytest

from tests.adapters.sending import REFUSED, TAKEN, sending
from tests.adapters.upstream import Behaviour, reply, reset

ALMOST = timedelta(milliseconds=1)

SCHEDULE = [
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
]


async def test_message_is_tried_at_once_and_then_on_svixs_schedule_until_it_is_given_up() -> None:
    async with sending(REFUSED) as junction:
        await junction.say("connected")
        assert len(await junction.turn()) == 1

        for attempts, pause in enumerate(SCHEDULE, start=1):
            assert len(await junction.turn(pause - ALMOST)) == attempts
            [message] = await junction.messages()
            assert (message["state"], message["attempts"]) == ("pending", attempts)
            assert len(await junction.turn(ALMOST)) == attempts + 1

        assert len(await junction.turn(timedelta(days=30))) == 8
        [message] = await junction.messages()
    assert (message["state"], message["attempts"]) == ("exhausted", 8)


async def test_time_that_is_turned_too_far_holds_one_attempt() -> None:
    """The next is counted from when this one was made."""
    async with sending(REFUSED) as junction:
        await junction.say("connected")
        await junction.turn()

        assert len(await junction.turn(timedelta(days=1))) == 2


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_any_2xx_is_taken(status: int) -> None:
    async with sending(reply(status, b"")) as junction:
        await junction.say("connected")
        await junction.turn()
        await junction.turn(timedelta(days=2))

        [message] = await junction.messages()
    assert (message["state"], message["attempts"]) == ("delivered", 1)
    assert message["last_status"] == status


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (reply(301, b"", "Location: /elsewhere"), 301),
        (reply(400, b""), 400),
        (reply(401, b""), 401),
        (reply(410, b""), 410),
        (reply(500, b""), 500),
        (reply(502, b""), 502),
        (reset, None),
        (b"", None),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", None),
    ],
    ids=["301", "400", "401", "410", "500", "502", "reset", "closed", "not HTTP"],
)
async def test_anything_else_is_sent_again_as_it_was(
    answer: bytes | Behaviour, status: int | None
) -> None:
    async with sending(answer, TAKEN) as junction:
        await junction.say("connected")
        await junction.turn()
        [message] = await junction.messages()
        assert (message["state"], message["last_status"]) == ("pending", status)

        first, again = await junction.turn(timedelta(seconds=5))
        [message] = await junction.messages()
    assert (message["state"], message["last_status"]) == ("delivered", 200)
    assert again.target == first.target == "/"
    assert again.headers["svix-id"] == first.headers["svix-id"] == message["id"]
    assert again.body == first.body


async def test_receiver_that_is_not_there_is_tried_again_when_it_is() -> None:
    async with sending() as junction:
        there = junction.receiver.url
        await junction.set_up(url="http://127.0.0.1:9")  # discard: nobody listens
        await junction.say("connected")
        await junction.turn()
        [message] = await junction.messages()
        assert (message["attempts"], message["last_status"]) == (1, None)

        await junction.set_up(url=there)
        assert len(await junction.turn(timedelta(seconds=5))) == 1


async def test_messages_are_sent_in_the_order_in_which_they_are_due() -> None:
    async with sending(REFUSED, TAKEN) as junction:
        await junction.say("connected")
        await junction.turn()  # due again in 5 s
        await junction.set_up(delay=4)
        await junction.say("error")
        await junction.set_up(delay=3)
        await junction.say("connected")
        shown = [message["event"].rpartition(".")[2] for message in await junction.messages()]
        received = await junction.turn(timedelta(seconds=10))

    names = [message.json["event_type"].rpartition(".")[2] for message in received]
    assert names == ["created", "created", "error", "created"]
    assert shown == names[1:]
    assert received[3].headers["svix-id"] == received[0].headers["svix-id"]


async def test_what_is_done_with_is_forgotten_in_the_end() -> None:
    async with sending() as junction:
        await junction.set_up(lose=True, repeat=100)
        for _ in range(6):
            await junction.say("connected")
            await junction.say("error")

        assert len(await junction.messages()) == 1000
