"""What a tester may ask of the simulator's webhooks, and what is nonsense."""

import pytest

from domain.identifiers import PatientId
from tests.adapters.sending import ANNAS_OURA, SECRET, sending
from tests.asgi import Client


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"resource": ""},
        {"resource": "Sleep.data"},
        {"change": "deleted"},
        {"updated_at": "yesterday"},
        {"updated_at": "2026-11-20T08:00:00"},
        {"updated_at": "2026-11-20T08:00:00Z", "resource": "steps"},
        {"updated_at": "2026-11-20T08:00:00Z", "historical": True},
        {"historical": True, "change": "updated"},
        {"recource": "sleep"},
    ],
)
async def test_data_that_junction_would_not_send_are_refused(body: object) -> None:
    async with sending() as junction:
        answer = await junction.client.post(f"{ANNAS_OURA}/data", body)

        assert answer.status == 422
        assert answer.json["detail"]
        assert await junction.messages() == []


async def test_data_of_an_unknown_user_are_not_found() -> None:
    async with sending() as junction:
        answer = await junction.client.post("/_simulator/users/ben/providers/oura/data", {})

        assert (answer.status, answer.json) == (404, {"detail": "Not found"})
        assert await junction.messages() == []


@pytest.mark.parametrize(
    "members",
    [
        {"url": "here"},
        {"url": "ftp://127.0.0.1/"},
        {"url": ""},
        {"secret": "open sesame"},
        {"secret": "whsec_?"},
        {"repeat": -1},
        {"repeat": 101},
        {"repeat": 1.5},
        {"delay": -1},
        {"delay": 1e300},
        {"swap": "yes"},
        {"loose": True},
    ],
)
async def test_endpoint_that_makes_no_sense_is_refused_and_changes_nothing(
    members: dict[str, object],
) -> None:
    async with sending() as junction:
        url = junction.receiver.url
        answer = await junction.put("/_simulator/webhooks", {"url": url, "lose": True} | members)
        assert answer.status == 422
        assert SECRET not in answer.body.decode()

        await junction.say("connected")
        assert len(await junction.turn()) == 1


async def test_endpoint_without_an_address_is_refused() -> None:
    async with sending() as junction:
        assert (await junction.put("/_simulator/webhooks", {})).status == 422


@pytest.mark.parametrize("body", [{}, {"advance": -1}, {"advance": "1"}, {"advance": 1e300}, []])
async def test_clock_turns_forward_only(body: object) -> None:
    async with sending() as junction:
        assert (await junction.client.post("/_simulator/clock", body)).status == 422


async def test_tester_sees_where_messages_go_and_how_each_fares() -> None:
    async with sending() as junction:
        await junction.say("connected")
        await junction.turn()
        await junction.set_up(delay=60)
        await junction.say("error")
        shown = await junction.client.get("/_simulator/webhooks")

    assert shown.json["url"] == junction.receiver.url
    first, second = shown.json["messages"]
    assert first == {
        "id": junction.receiver.received[0].headers["svix-id"],
        "event": "provider.connection.created",
        "state": "delivered",
        "attempts": 1,
        "last_status": 200,
    }
    assert (second["state"], second["attempts"], second["last_status"]) == ("pending", 0, None)
    assert SECRET not in shown.body.decode()


async def test_tester_sees_the_messages_about_one_user() -> None:
    async with sending() as junction:
        junction.model.create_user(PatientId("a/b"))
        await junction.say("connected")
        await junction.turn()

        annas = await junction.client.get("/_simulator/users/anna/webhooks")
        anothers = await junction.client.get("/_simulator/users/a/b/webhooks")

        assert annas.json == {"messages": await junction.messages()}
        assert len(annas.json["messages"]) == 1
    assert anothers.json == {"messages": []}


async def test_simulator_that_sends_none_has_nothing_to_control(client: Client) -> None:
    assert (await client.get("/_simulator/webhooks")).status == 404
