"""When the simulated Junction sends something by itself, and that sending harms nobody."""

import asyncio
import time
from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel
from domain.provider import Slug
from tests.adapters.asking import ask
from tests.adapters.link_visits import a_token, choose
from tests.adapters.sending import OURA, TAKEN, events, sending
from tests.adapters.upstream import hang, reply, reset
from tests.builders import ANNA, NOW


async def test_link_page_that_connects_a_provider_says_so() -> None:
    async with sending() as junction:
        await choose(junction.client, a_token(junction.model, "oura"), "oura")

        [message] = await junction.turn()

    assert message.json["event_type"] == "provider.connection.created"
    assert message.json["data"]["provider"]["slug"] == "oura"


async def test_link_page_that_connects_it_anew_says_so_again() -> None:
    async with sending() as junction:
        for _ in range(2):
            await choose(junction.client, a_token(junction.model, "oura"), "oura")

        received = await junction.turn()

    assert events(received) == ["provider.connection.created"] * 2
    assert len({message.headers["svix-id"] for message in received}) == 2


@pytest.mark.parametrize("choice", ["cancel", "fail"])
async def test_link_page_that_connects_nothing_says_nothing(choice: str) -> None:
    async with sending() as junction:
        await choose(junction.client, a_token(junction.model, "oura"), choice)

        assert await junction.turn() == []


async def test_status_that_changes_is_said_and_one_that_stays_is_not() -> None:
    async with sending() as junction:
        for status in ("connected", "connected", "error", "error", "connected"):
            await junction.say(status)

        received = await junction.turn()

    assert events(received) == [
        "provider.connection.created",
        "provider.connection.error",
        "provider.connection.created",
    ]


async def test_pause_unlisting_deregistering_and_deletion_are_silent() -> None:
    """Junction has no event for them (its event catalogue)."""
    async with sending() as junction:
        for slug in ("oura", "garmin"):
            await junction.say("connected", slug)
        await junction.turn()
        await junction.say("paused")
        await junction.say(None)
        user = f"/v2/user/{junction.anna.id}"
        assert (await ask(junction.client, "DELETE", f"{user}/garmin")).status == 200
        assert (await ask(junction.client, "DELETE", user)).status == 200

        assert len(await junction.turn()) == 2


async def test_provider_that_is_connected_after_silence_is_said_again() -> None:
    async with sending() as junction:
        for status in ("connected", None, "connected", "paused", "connected"):
            await junction.say(status)

        assert events(await junction.turn()) == ["provider.connection.created"] * 3


async def test_without_an_address_nothing_is_sent_nor_kept() -> None:
    async with sending() as junction:
        await junction.set_up(url=None)
        await junction.say("connected")
        await junction.set_up()

        assert await junction.turn() == []
        assert await junction.messages() == []


async def test_message_that_is_pending_when_its_address_goes_is_tried_at_the_next_one() -> None:
    async with sending(reset, TAKEN) as junction:
        await junction.say("connected")
        await junction.turn()
        await junction.set_up(url=None)
        await junction.turn(timedelta(seconds=5))
        await junction.set_up()
        await junction.turn(timedelta(minutes=5))

        [message] = await junction.messages()
    assert (message["state"], message["attempts"], message["last_status"]) == ("delivered", 3, 200)


@pytest.mark.parametrize("answer", [reset, b"", b"nonsense\r\n\r\n", reply(500, b"")])
async def test_attempt_that_fails_does_not_fail_the_tester(answer: bytes) -> None:
    async with sending(answer) as junction:
        await junction.say("connected")
        await junction.turn()
        await junction.say("error")
        await junction.turn()

        states = [message["state"] for message in await junction.messages()]
    assert states == ["pending", "pending"]


@pytest.mark.parametrize(
    "url",
    [
        "http://..",
        "http://./",
        f"http://{'a' * 70}.invalid/",
        "http://%zz/",
        "http://127.0.0.1:99999/",
    ],
)
async def test_address_that_cannot_be_sent_to_is_an_attempt_that_fails(url: str) -> None:
    async with sending() as junction:
        await junction.set_up(url=url)
        await junction.say("connected")
        async with asyncio.timeout(20):
            await junction.turn()
        [message] = await junction.messages()
        await junction.set_up()
        received = await junction.turn(timedelta(seconds=5))

    assert (message["state"], message["attempts"], message["last_status"]) == ("pending", 1, None)
    assert len(received) == 1


async def test_tester_does_not_wait_for_a_receiver_that_hangs() -> None:
    async with sending(hang) as junction:
        async with asyncio.timeout(5):
            await junction.say("connected")
            await junction.say("error")

        assert (await junction.messages())[0]["state"] == "pending"


async def test_stopping_waits_for_nothing_that_is_pending_or_under_way() -> None:
    under_way = asyncio.Event()

    async def hang_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        under_way.set()
        await hang(reader, writer)

    async with sending(hang_on) as junction:
        await junction.set_up(repeat=3)
        await junction.say("connected")
        await under_way.wait()
        before = time.monotonic()

    assert time.monotonic() - before < 5
    assert len(junction.receiver.received) == 1
    assert len(asyncio.all_tasks()) == 1  # this one


async def test_model_tells_nobody_once_the_sending_has_stopped() -> None:
    async with sending() as junction:
        pass
    junction.model.list_provider(junction.anna.id, OURA)

    assert junction.webhooks.deliveries == []


def test_model_needs_nobody_to_tell() -> None:
    model = JunctionModel(clock=FixedClock(NOW), journal=InMemoryJournal())
    user = model.create_user(ANNA)

    model.list_provider(user.id, Slug("oura"))

    assert len(model.providers(user.id) or []) == 1
