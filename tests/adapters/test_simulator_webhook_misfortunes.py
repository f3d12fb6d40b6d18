"""What befalls the simulator's messages on their way, for those who ask it to."""

from datetime import timedelta

import pytest
from svix.webhooks import Webhook, WebhookVerificationError

from adapters.clock import FixedClock
from tests.adapters.sending import REFUSED, SECRET, TAKEN, events, sending, today

CREATED, ERROR = "provider.connection.created", "provider.connection.error"


async def test_repeated_message_is_the_same_message() -> None:
    async with sending() as junction:
        await junction.set_up(repeat=2)
        await junction.say("connected")

        received = await junction.turn()
        states = [message["state"] for message in await junction.messages()]

    assert len(received) == 3
    assert len({message.headers["svix-id"] for message in received}) == 1
    assert len({message.body for message in received}) == 1
    assert states == ["delivered"] * 3


async def test_each_copy_has_attempts_of_its_own() -> None:
    async with sending(REFUSED, TAKEN) as junction:
        await junction.set_up(repeat=1)
        await junction.say("connected")

        assert len(await junction.turn()) == 2
        assert len(await junction.turn(timedelta(hours=1))) == 3
        attempts = sorted(message["attempts"] for message in await junction.messages())
    assert attempts == [1, 2]


async def test_delayed_message_comes_when_its_time_has() -> None:
    async with sending() as junction:
        await junction.set_up(delay=60)
        await junction.say("connected")

        assert await junction.turn(timedelta(seconds=59)) == []
        assert len(await junction.turn(timedelta(seconds=1))) == 1


async def test_message_may_overtake_one_that_is_delayed() -> None:
    async with sending() as junction:
        await junction.set_up(delay=60)
        await junction.say("connected")
        await junction.set_up()
        await junction.say("error")

        assert events(await junction.turn(timedelta(minutes=1))) == [ERROR, CREATED]


async def test_swapped_messages_come_in_pairs_the_second_first() -> None:
    async with sending() as junction:
        await junction.set_up(swap=True)
        await junction.say("connected")
        assert await junction.turn(timedelta(days=1)) == []
        assert [message["state"] for message in await junction.messages()] == ["held"]

        await junction.say("error")
        assert events(await junction.turn()) == [ERROR, CREATED]

        await junction.say("connected")
        await junction.say("error")
        assert events(await junction.turn()) == [ERROR, CREATED] * 2


async def test_message_that_is_held_goes_out_when_swapping_ends() -> None:
    async with sending() as junction:
        await junction.set_up(swap=True)
        await junction.say("connected")
        await junction.set_up()

        assert events(await junction.turn()) == [CREATED]


async def test_lost_message_never_comes() -> None:
    async with sending() as junction:
        await junction.set_up(lose=True)
        await junction.say("connected")
        await junction.set_up()
        await junction.say("error")

        assert events(await junction.turn(timedelta(days=2))) == [ERROR]
        lost, _ = await junction.messages()
    assert (lost["event"], lost["state"], lost["attempts"]) == (CREATED, "lost", 0)


async def test_corrupt_message_is_not_what_was_signed_until_corruption_ends() -> None:
    async with sending(REFUSED, clock=FixedClock(today())) as junction:
        await junction.set_up(corrupt=True)
        await junction.say("connected")
        [corrupt] = await junction.turn()
        await junction.set_up()
        _, whole = await junction.turn(timedelta(seconds=5))

    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(corrupt.body, corrupt.headers)
    Webhook(SECRET).verify(whole.body, whole.headers)
    assert whole.headers["svix-id"] == corrupt.headers["svix-id"]
