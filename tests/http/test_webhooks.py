"""What a webhook does, and what its sender is told."""

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from adapters.clock import FixedClock
from adapters.junction.faults import Fault
from domain.provider import Slug
from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.asgi import Client, running
from tests.http.calls import assert_refused, connections_of, exchange
from tests.http.hooked import CREATED, DEMO, Sender, with_secrets
from tests.logged import Logged
from tests.signing import WEBHOOK


def an_event(name: str = "provider.connection.error", **members: Any) -> dict[str, Any]:
    about = {"event_type": name, "user_id": DEMO, "client_user_id": "demo"}
    return about | {"data": {"provider": "oura"}} | members


async def linked(sender: Sender) -> Any:
    answer = await exchange(sender.client, "link-test-connected")
    assert (answer.status, answer.json["status"]) == (201, "connected")
    return answer.json


async def test_error_at_junction_is_seen_as_soon_as_it_tells(
    sender: Sender, container: Container
) -> None:
    connection = await linked(sender)
    container.junction_model().list_provider(DEMO, Slug("oura"), status="error")

    answer = await sender.send(an_event())

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        "received": True,
        "event": "provider.connection.error",
        "matched_connections": 1,
    }
    [oura] = [
        each for each in await connections_of(sender.client) if each["id"] == connection["id"]
    ]
    assert oura["status"] == "error"


async def test_data_say_when_they_came(sender: Sender, clock: FixedClock) -> None:
    connection = await linked(sender)
    data = {"source": {"provider": "oura"}, "updated_at": "2026-11-22T11:58:00Z"}

    answer = await sender.send(an_event("daily.data.sleep.created", data=data))

    assert (answer.status, answer.json["matched_connections"]) == (200, 1)
    [after] = await connections_of(sender.client)
    assert after == connection | {"last_synced_at": "2026-11-22T11:58:00Z"}


@pytest.mark.parametrize(
    ("event", "matched"),
    [
        ({"event_type": "labtest.order.created"}, 0),
        (an_event("provider.connection.updated"), 1),
        (an_event("\x00 \u00fc"), 1),
        (an_event("provider.device.created", data=None), 0),
        (an_event("daily.data.sleep.created", data={"source": {"provider": "our\u00e4"}}), 0),
        (an_event(user_id="1449752e-0d8a-40e0-9206-91ab099b2537"), 0),
        (an_event(user_id="nobody"), 0),
        (an_event(team_id="6b74423d-0504-4470-9afb-477252ccf67a"), 0),
        (an_event(client_user_id="anna"), 0),
    ],
    ids=[
        "of another matter",
        "unknown",
        "unspeakable",
        "of a device",
        "of no provider",
        "of an unknown user",
        "of no user",
        "of another team",
        "of another patient",
    ],
)
async def test_event_that_does_not_concern_us_is_heard_and_changes_nothing(
    sender: Sender, container: Container, event: dict[str, Any], matched: int
) -> None:
    connection = await linked(sender)
    container.junction_model().list_provider(DEMO, Slug("oura"), status="error")
    reads = container.junction_model().reads

    answer = await sender.send(event)

    assert answer.status == 200
    assert answer.json == {
        "received": True,
        "event": event["event_type"],
        "matched_connections": matched,
    }
    assert container.junction_model().reads == reads
    assert await connections_of(sender.client) == [connection]


async def test_message_that_comes_again_is_heard_once(
    sender: Sender, container: Container
) -> None:
    await linked(sender)
    first = await sender.send(an_event(), "msg_1")
    reads = container.junction_model().reads

    again = await sender.send(an_event(), "msg_1")
    assert container.junction_model().reads == reads
    another = await sender.send(an_event(), "msg_2")
    assert container.junction_model().reads == reads + 1

    assert first.body == again.body == another.body


async def test_while_junction_cannot_be_asked_the_sender_keeps_the_message(
    sender: Sender, container: Container
) -> None:
    connection = await linked(sender)
    container.junction_model().list_provider(DEMO, Slug("oura"), status="error")
    container.junction_model().faults.order(Fault.GARBAGE)

    refused = await sender.send(an_event())

    assert_refused(refused, 502, "junction_bad_response")
    assert await connections_of(sender.client) == [connection]
    assert (await sender.send(an_event())).json["matched_connections"] == 1
    assert [each["status"] for each in await connections_of(sender.client)][:1] == ["error"]


async def test_on_a_lost_storage_the_sender_keeps_the_message(
    sender: Sender, container: Container
) -> None:
    await container.storage().__aexit__(None, None, None)

    answer = await sender.send(an_event())

    assert_refused(answer, 503, "storage_unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_without_a_secret_nothing_is_read_and_the_operator_is_told(
    container: Container, logged: Logged
) -> None:
    async def unread(scope: Scope, _: Receive, send: Send) -> None:
        async def receive() -> Message:
            raise AssertionError

        await app(scope, receive, send)

    app = create_app(with_secrets(container))
    async with running(app) as client:
        answer = await Sender(Client(unread, client.state)).post(CREATED)

    assert_refused(answer, 500, "webhooks_not_configured")
    [line] = [line for line in logged.lines if line["event"] == "request"]
    assert (line["level"], line["error"]) == ("error", "webhooks_not_configured")


async def test_name_is_bounded_and_told_as_it_came(sender: Sender) -> None:
    name = "\u00fc" * 255

    answer = await sender.send({"event_type": name})

    assert (answer.status, answer.json["event"]) == (200, name)


async def test_address_takes_messages_only(sender: Sender) -> None:
    answer = await sender.client.request("GET", WEBHOOK)

    assert_refused(answer, 405, "method_not_allowed")


async def test_messages_take_their_turn_as_every_request_does(
    sender: Sender, container: Container
) -> None:
    container.admission().close()

    assert_refused(await sender.send(an_event()), 503, "shutting_down")
