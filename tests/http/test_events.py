"""The history of a connection: the patient's own, newest first, page by page."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.provider import Slug
from entrypoints.container import Container
from tests.asgi import Answer, Client
from tests.http.calls import CONNECTIONS, assert_refused, exchange
from tests.http.disconnecting import DEMO, at, connected

LOWEST = UUID(int=0)


async def history(client: Client, connection: Any, query: str = "") -> Any:
    answer = await client.get(f"{at(connection)}/events{query}")
    assert answer.status == 200
    return answer.json


@pytest.fixture
async def lived(client: Client, container: Container) -> Any:
    """A connection of five events: linked, ended, linked again, ended again, and once more."""
    for _ in range(2):
        connection = await connected(client, container, "garmin", "garmin")
        assert (await client.delete(at(connection))).status == 204
    return await connected(client, container, "garmin", "garmin")


async def test_history_is_told_from_its_newest_event(client: Client, lived: Any) -> None:
    told = await history(client, lived)

    assert [(event["cause"], event["status"]) for event in told["events"]] == [
        ("exchange", "connected"),
        ("disconnect", "disconnected"),
        ("exchange", "connected"),
        ("disconnect", "disconnected"),
        ("exchange", "connected"),
    ]
    assert told["next"] is None
    times = [event["at"] for event in told["events"]]
    assert times == sorted(times, reverse=True)


async def test_event_says_what_became_of_the_connection_and_names_nobody(client: Client) -> None:
    answer = await exchange(client, "link-test-error")

    events = await client.get(f"{at(answer.json)}/events")
    [event] = events.json["events"]

    assert events.headers["cache-control"] == "no-store"
    assert event.keys() == {"id", "at", "cause", "status", "error_type", "request_id"}
    assert (event["cause"], event["status"]) == ("exchange", "error")
    assert event["error_type"] == "token_refresh_failed"
    assert event["request_id"] == answer.headers["x-request-id"]
    assert event["at"].endswith("Z")
    for kept in ("demo", answer.json["junction_user_id"], "link-test"):
        assert kept not in events.body.decode()


async def test_wish_that_was_not_granted_is_an_event_too(
    client: Client, container: Container
) -> None:
    connection = await connected(client, container, "apple_health_kit", "apple_health_kit")

    assert (await client.delete(at(connection))).status == 409

    newest, _ = (await history(client, connection))["events"]
    assert (newest["cause"], newest["status"]) == ("disconnect", "connected")


async def test_looking_and_asking_again_leave_no_event(client: Client, lived: Any) -> None:
    before = await history(client, lived)
    await client.get(at(lived))
    await client.get(f"{at(lived)}/events")

    assert await history(client, lived) == before


async def test_refused_attempts_of_others_are_not_in_it(client: Client, lived: Any) -> None:
    before = await history(client, lived)
    for answer in (
        await client.get(at(lived), patient="ben"),
        await client.delete(at(lived), patient="ben"),
    ):
        assert answer.status == 404

    assert await history(client, lived) == before


async def test_events_of_another_connection_are_not_in_it(
    client: Client, container: Container, lived: Any
) -> None:
    other = await connected(client, container, "eight_sleep", "eight_sleep")

    [event] = (await history(client, other))["events"]

    assert event["id"] not in {each["id"] for each in (await history(client, lived))["events"]}


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 200])
async def test_pages_follow_each_other_without_gap_or_repeat(
    client: Client, lived: Any, limit: int
) -> None:
    whole = (await history(client, lived))["events"]
    read, query = [], f"?limit={limit}"
    while True:
        page = await history(client, lived, query)
        read += page["events"]
        assert 0 < len(page["events"]) <= limit
        if page["next"] is None:
            break
        assert len(page["events"]) == limit
        query = f"?limit={limit}&before={page['next']}"

    assert read == whole


async def test_page_after_new_events_still_goes_on_where_it_was(
    client: Client, lived: Any
) -> None:
    whole = (await history(client, lived))["events"]
    page = await history(client, lived, "?limit=2")

    await client.delete(at(lived))

    rest = await history(client, lived, f"?before={page['next']}")
    assert rest["events"] == whole[2:]


async def test_a_page_of_fifty_is_what_nobody_asks_for(
    client: Client, container: Container
) -> None:
    connection = await connected(client, container, "garmin", "garmin")
    for _ in range(50):  # a wish is always an event
        await client.delete(at(connection))

    page = await history(client, connection)

    assert len(page["events"]) == 50
    rest = await history(client, connection, f"?before={page['next']}")
    assert [event["cause"] for event in rest["events"]] == ["exchange"]


@pytest.mark.parametrize("before", [LOWEST, UUID(int=2**128 - 1)])
async def test_page_before_an_event_that_never_was_is_of_what_is_older(
    client: Client, lived: Any, before: UUID
) -> None:
    page = await history(client, lived, f"?before={before}")

    assert len(page["events"]) == (0 if before == LOWEST else 5)
    assert page["next"] is None


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "", "1.5", "9" * 40, "null"])
async def test_limit_out_of_bounds_is_refused_by_name(
    client: Client, lived: Any, limit: str
) -> None:
    answer = await client.get(f"{at(lived)}/events?limit={limit}")

    assert_names(answer, "limit", not_echoing=limit if len(limit) > 3 else None)


@pytest.mark.parametrize("before", ["x", "", "null", f"{LOWEST}0", "not-a-uuid-but-a-canary"])
async def test_before_that_is_no_uuid_is_refused_by_name(
    client: Client, lived: Any, before: str
) -> None:
    answer = await client.get(f"{at(lived)}/events?before={before}")

    assert_names(answer, "before", not_echoing=before if len(before) > 3 else None)


async def test_of_a_parameter_sent_twice_the_last_counts(client: Client, lived: Any) -> None:
    page = await history(client, lived, "?limit=x&limit=2")

    assert len(page["events"]) == 2
    assert_names(await client.get(f"{at(lived)}/events?limit=2&limit=x"), "limit")


async def test_unknown_parameters_are_ignored(client: Client, lived: Any) -> None:
    told = await history(client, lived, "?patient_id=ben&offset=3&Limit=0&=&x")

    assert told == await history(client, lived)


async def test_history_of_a_connection_that_is_not_the_callers_is_not_found(
    client: Client, lived: Any
) -> None:
    foreign = await client.get(f"{at(lived)}/events", patient="ben")
    unknown = await client.get(f"{CONNECTIONS}/{uuid4()}/events", patient="ben")

    assert_refused(unknown, 404, "not_found")
    assert (foreign.status, foreign.body) == (unknown.status, unknown.body)


async def test_error_is_told_with_its_reason_and_its_repair_without(
    client: Client, container: Container
) -> None:
    token = "link-test-error"
    connection = (await exchange(client, token)).json
    container.junction_model().list_provider(DEMO, Slug("dexcom_v3"))
    await exchange(client, token)

    told = (await history(client, connection))["events"]

    assert [(event["status"], event["error_type"]) for event in told] == [
        ("connected", None),
        ("error", "token_refresh_failed"),
    ]


def assert_names(answer: Answer, field: str, *, not_echoing: str | None = None) -> None:
    assert_refused(answer, 400, "validation_error")
    assert answer.json["message"].startswith(f"{field}: ")
    assert not_echoing is None or not_echoing not in answer.json["message"]
