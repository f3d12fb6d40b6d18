"""What is read of each shape in which Junction's events come, old and new.

Shapes: Junction docs, webhooks/event-structure and changelog/wearables/deprecations, and the
examples of its OpenAPI document.
"""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pytest

from domain.identifiers import JunctionUserId
from domain.junction_event import JunctionEvent, MessageId
from entrypoints.http.junction_events import read_event

USER: Final = "4a29dbc7-6db3-4c83-bfac-70a20a4be1b2"
TEAM: Final = "6b74423d-0504-4470-9afb-477252ccf67a"
OURA: Final = {"name": "Oura", "slug": "oura", "logo": "https://logo.example"}


def read(event_type: str = "daily.data.sleep.created", **members: Any) -> JunctionEvent:
    body = msgspec.json.encode({"event_type": event_type, **members})
    return read_event(body, MessageId("msg_1"))


def test_every_event_says_which_and_whose_it_is() -> None:
    event = read(
        "provider.connection.created",
        user_id=USER,
        client_user_id="01HW3FSNVCHC3B2QB5N0ZAAAVG",
        team_id=TEAM,
        data={"provider": OURA},
    )

    assert event == JunctionEvent(
        message_id=MessageId("msg_1"),
        name="provider.connection.created",
        user_id=JunctionUserId(USER),
        client_user_id="01HW3FSNVCHC3B2QB5N0ZAAAVG",
        team_id=TEAM,
        slug=event.slug,
    )
    assert event.slug == "oura"


SHAPES: Final[dict[str, tuple[str, Any, str | None]]] = {
    "link made": (
        "provider.connection.created",
        {"provider": OURA, "resource_availability": {"body": {"status": "available"}}},
        "oura",
    ),
    "link made, both shapes": (
        "provider.connection.created",
        {"provider": {"slug": "oura"}, "source": {"name": "Fitbit", "slug": "fitbit"}},
        "oura",
    ),
    "link made, old shape": (
        "provider.connection.created",
        {"source": {"name": "Freestyle Libre BLE", "slug": "freestyle_libre_ble"}},
        "freestyle_libre_ble",
    ),
    "link failed": (
        "provider.connection.error",
        {"provider": "garmin", "error_type": "deregistered_per_provider", "error_details": "No"},
        "garmin",
    ),
    "history": ("historical.data.sleep.created", {"provider": "zwift", "is_final": True}, "zwift"),
    "data": (
        "daily.data.steps.created",
        {"data": [{"value": 123}], "source": {"provider": "oura", "type": "ring", "app_id": None}},
        "oura",
    ),
    "data, both shapes": (
        "daily.data.steps.created",
        {"source": {"provider": "whoop_v2", "slug": "whoop", "logo": "", "name": "WHOOP"}},
        "whoop_v2",
    ),
    "data, old shape": (
        "daily.data.workout_stream.created",
        {"sport": {"slug": "other"}, "provider_id": "5", "source": {"slug": "fitbit"}},
        "fitbit",
    ),
    "device": ("provider.device.created", {"provider": "fitbit", "device_id": "F-31"}, "fitbit"),
    "provider of no kind we know": (
        "daily.data.steps.created",
        {"provider": 7, "source": {"provider": "oura"}},
        "oura",
    ),
    "provider without a slug": (
        "daily.data.steps.created",
        {"provider": {"name": "Oura"}, "source": {"slug": "oura"}},
        "oura",
    ),
    "provider with a list for a slug": (
        "daily.data.steps.created",
        {"provider": {"slug": ["oura"]}, "source": {"provider": {"slug": "x"}, "slug": "oura"}},
        "oura",
    ),
    "slug of 64 characters": ("provider.connection.error", {"provider": "x" * 64}, "x" * 64),
    "nothing": ("provider.connection.created", {}, None),
    "a list": ("provider.connection.created", [OURA], None),
    "a text": ("provider.connection.created", "oura", None),
    "a number": ("provider.connection.created", 7, None),
    "null": ("provider.connection.created", None, None),
    "source that is a text": ("daily.data.steps.created", {"source": "oura"}, None),
    "source that is a list": ("daily.data.steps.created", {"source": [OURA]}, None),
    "empty slug": ("provider.connection.error", {"provider": ""}, None),
    "slug of 65 characters": ("provider.connection.error", {"provider": "x" * 65}, None),
    "slug with a space": ("provider.connection.error", {"provider": "ou ra"}, None),
    "slug with a newline": ("provider.connection.error", {"provider": "oura\n"}, None),
    "slug with NUL": ("provider.connection.error", {"provider": "oura\x00"}, None),
    "slug that is not ASCII": ("provider.connection.error", {"provider": "our\u00e4"}, None),
}


@pytest.mark.parametrize(("name", "data", "slug"), SHAPES.values(), ids=SHAPES.keys())
def test_provider_is_found_wherever_it_stands(name: str, data: Any, slug: str | None) -> None:
    assert read(name, data=data).slug == slug


def test_event_without_data_is_of_no_provider() -> None:
    event = read("labtest.order.created", user_id=USER)

    assert (event.slug, event.user_id) == (None, USER)


@pytest.mark.parametrize(
    ("members", "user_id"),
    [
        ({"user_id": USER, "data": {"user_id": TEAM}}, USER),
        ({"data": {"user_id": USER}}, USER),
        ({"user_id": None, "data": {"user_id": USER}}, USER),
        ({"user_id": USER.upper()}, USER),
        ({"data": {"user_id": USER.upper()}}, USER),
        ({}, None),
        ({"data": {"user_id": 7}}, None),
        ({"data": {"user_id": None}}, None),
        ({"data": [USER]}, None),
        ({"user_id": "e9e072e8-..."}, None),
        ({"user_id": USER + "\n"}, None),
        ({"user_id": "\x00", "data": {"user_id": USER}}, None),
        ({"user_id": USER.replace("4", "\u0664")}, None),
    ],
    ids=ascii,
)
def test_user_is_the_envelopes_or_else_the_datas(
    members: dict[str, Any], user_id: str | None
) -> None:
    assert read(**members).user_id == user_id


@pytest.mark.parametrize(
    ("sent", "team_id"), [(TEAM.upper(), TEAM), (None, None), ("a team", "a team"), ("", "")]
)
def test_team_is_compared_as_it_is_on_record(sent: str | None, team_id: str | None) -> None:
    assert read(team_id=sent).team_id == team_id


@pytest.mark.parametrize("text", ["demo", "\u00fc \n\x00", "", "x" * 1000])
def test_patient_is_free_text(text: str) -> None:
    assert read(client_user_id=text).client_user_id == text


MAY: Final = datetime(2023, 5, 17, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "data_at"),
    [
        ({"updated_at": "2023-05-17T07:00:00+00:00", "created_at": "2020-01-01T00:00:00Z"}, MAY),
        ({"updated_at": "2023-05-17T09:00:00+02:00"}, MAY),
        ({"updated_at": "2023-05-17T07:00:00"}, MAY),
        ({"created_at": "2023-05-17T07:00:00Z"}, MAY),
        ({"updated_at": None, "created_at": "2023-05-17T07:00:00Z"}, MAY),
        ({"updated_at": "yesterday", "created_at": "2023-05-17T07:00:00Z"}, MAY),
        ({"updated_at": "yesterday"}, None),
        ({"updated_at": 1684306800}, None),
        ({"updated_at": "0001-01-01T00:00:00+05:00"}, None),
        ({"updated_at": "9999-12-31T23:59:59-05:00"}, None),
        ({"date": "2023-05-17T07:00:00Z"}, None),
        ({}, None),
        ([], None),
    ],
    ids=str,
)
def test_data_tell_when_junction_took_them_in(data: Any, data_at: datetime | None) -> None:
    assert read("daily.data.activity.updated", data=data).data_at == data_at
    assert read("daily.data.activity.created", data=data).data_at == data_at


@pytest.mark.parametrize(
    "name", ["historical.data.sleep.created", "provider.connection.created", "daily.other"]
)
def test_times_of_other_events_are_not_those_of_data(name: str) -> None:
    assert read(name, data={"updated_at": "2023-05-17T07:00:00Z"}).data_at is None
