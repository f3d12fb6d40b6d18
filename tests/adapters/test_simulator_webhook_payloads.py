"""What the simulator's messages say: as Junction documents it, and as the service reads it."""

from typing import Any

import pytest

from domain.junction_event import JunctionEvent, MessageId
from entrypoints.http.junction_events import read_event
from tests.adapters.sending import ANNAS_OURA, Sending, sending
from tests.builders import NOW

DATA = f"{ANNAS_OURA}/data"


async def sent(junction: Sending) -> tuple[dict[str, Any], JunctionEvent]:
    [message] = await junction.turn()
    return message.json, read_event(message.body, MessageId("msg"))


async def data_sent(body: dict[str, Any]) -> tuple[dict[str, Any], JunctionEvent]:
    async with sending() as junction:
        assert (await junction.client.post(DATA, body)).status == 204
        return await sent(junction)


@pytest.mark.parametrize("status", ["connected", "error"])
async def test_envelope_names_user_patient_and_team(status: str) -> None:
    async with sending() as junction:
        await junction.say(status)
        payload, event = await sent(junction)
        anna, team = junction.anna.id, junction.model.team_id

    assert (payload["user_id"], payload["client_user_id"]) == (anna, "anna")
    assert payload["team_id"] == team
    assert payload["data"]["user_id"] == anna
    assert (event.user_id, event.client_user_id, event.team_id) == (anna, "anna", team)


async def test_created_has_its_provider_in_an_object() -> None:
    async with sending() as junction:
        await junction.say("connected", "dexcom_v3")
        payload, event = await sent(junction)

    assert payload["event_type"] == "provider.connection.created"
    data = payload["data"]
    assert data.keys() == {"user_id", "provider", "resource_availability", "external_user_id"}
    assert data["provider"].keys() == {"name", "slug", "logo"}
    assert data["provider"]["slug"] == event.slug == "dexcom_v3"
    assert event.is_about_a_link


async def test_error_has_its_provider_in_a_string_and_says_why() -> None:
    async with sending() as junction:
        said = {"status": "error", "error_type": "deregistered_per_provider"}
        await junction.put(ANNAS_OURA, said)
        payload, event = await sent(junction)

    assert payload["event_type"] == "provider.connection.error"
    data = payload["data"]
    assert data.keys() == {"user_id", "provider", "error_type", "error_details", "message"}
    assert data["provider"] == event.slug == "oura"
    assert data["error_type"] == "deregistered_per_provider"
    assert event.is_about_a_link


async def test_summary_says_when_it_was_taken_in() -> None:
    payload, event = await data_sent({"updated_at": "2026-11-20T08:00:00+02:00"})

    assert payload["event_type"] == event.name == "daily.data.sleep.created"
    source = payload["data"]["source"]
    assert source == {"provider": "oura", "type": "unknown", "app_id": None}
    assert event.slug == "oura"
    assert event.data_at is not None
    assert event.data_at.isoformat() == "2026-11-20T06:00:00+00:00"
    assert event.brings_data


async def test_summary_was_taken_in_now_where_nothing_else_is_said() -> None:
    payload, event = await data_sent({"resource": "workouts", "change": "updated"})

    assert payload["event_type"] == "daily.data.workouts.updated"
    assert event.data_at == NOW


async def test_time_series_does_not_say_when_it_was_taken_in() -> None:
    payload, event = await data_sent({"resource": "heartrate"})

    assert payload["event_type"] == "daily.data.heartrate.created"
    assert payload["data"].keys() == {"data", "source"}
    assert (event.slug, event.data_at) == ("oura", None)
    assert event.brings_data


async def test_history_is_announced_without_data() -> None:
    payload, event = await data_sent({"historical": True})

    assert payload["event_type"] == "historical.data.sleep.created"
    assert payload["data"].keys() == {"user_id", "start_date", "end_date", "provider"}
    assert (event.slug, event.data_at) == ("oura", None)
    assert event.brings_data
