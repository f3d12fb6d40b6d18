"""Looking at connections, and addresses that lead nowhere."""

from uuid import UUID, uuid4

import pytest

from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from domain.provider import Slug
from entrypoints.container import Container
from tests.asgi import Client
from tests.http.calls import (
    AS_DEMO,
    CONNECTIONS,
    EXCHANGE,
    MINT,
    assert_refused,
    connections_of,
    exchange,
)

DEMO = user_id_of(PatientId("demo"))


async def test_patient_of_no_connection_has_an_empty_list(client: Client) -> None:
    assert (await client.get(CONNECTIONS)).json == {"connections": []}


async def test_list_shows_what_the_exchanges_answered_the_oldest_first(client: Client) -> None:
    tokens = ("link-test-error", "link-test-connected", "link-test-pending")
    answered = [(await exchange(client, token)).json for token in tokens]

    assert await connections_of(client) == answered


async def test_connection_is_found_by_its_id(client: Client) -> None:
    connection = (await exchange(client, "link-test-connected")).json

    answer = await client.get(f"{CONNECTIONS}/{connection['id']}")

    assert (answer.status, answer.json) == (200, connection)
    assert answer.headers["cache-control"] == "no-store"


async def test_connection_is_found_by_its_id_in_capitals(client: Client) -> None:
    connection = (await exchange(client, "link-test-connected")).json

    answer = await client.get(f"{CONNECTIONS}/{connection['id'].upper()}")

    assert (answer.status, answer.json) == (200, connection)


async def test_disconnected_wearable_stays_in_the_list(
    client: Client, container: Container
) -> None:
    await exchange(client, "link-test-pending")
    container.junction_model().list_provider(DEMO, Slug("whoop_v2"), status="paused")

    again = await exchange(client, "link-test-pending")

    assert again.json["status"] == "disconnected"
    assert await connections_of(client) == [again.json]


async def test_wearable_that_junction_no_longer_lists_is_disconnected(
    client: Client, container: Container
) -> None:
    first = await exchange(client, "link-test-error")
    container.junction_model().unlist_provider(DEMO, Slug("dexcom_v3"))

    again = await exchange(client, "link-test-error")

    assert again.json["status"] == "disconnected"
    assert again.json["id"] == first.json["id"]
    assert again.json["connected_at"] == first.json["connected_at"]


async def test_unknown_id_is_not_found(client: Client) -> None:
    assert_refused(await client.get(f"{CONNECTIONS}/{uuid4()}"), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        f"{CONNECTIONS}/1",
        f"{CONNECTIONS}/not-a-uuid",
        f"{CONNECTIONS}/{UUID(int=0)}0",
        f"{CONNECTIONS}/{UUID(int=0)}\n",
        f"{CONNECTIONS}/{UUID(int=0)}/",
        f"{CONNECTIONS}/{UUID(int=0)}/unknown",
        f"{CONNECTIONS}/{UUID(int=0)}/events/",
        f"{CONNECTIONS}/1/events",
        f"{CONNECTIONS}/",
        f"{EXCHANGE}/",
        "/v1/wearables/connection",
        "/V1/wearables/connections",
        "/v2/wearables/connections",
        "//v1/wearables/connections",
    ],
)
async def test_any_other_address_is_not_found(client: Client, path: str) -> None:
    assert_refused(await client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", EXCHANGE, {"POST"}),
        ("PUT", EXCHANGE, {"POST"}),
        ("GET", MINT, {"POST"}),
        ("POST", CONNECTIONS, {"GET", "HEAD"}),
        ("DELETE", CONNECTIONS, {"GET", "HEAD"}),
        ("PATCH", f"{CONNECTIONS}/{UUID(int=0)}", {"GET", "HEAD", "DELETE"}),
        ("DELETE", f"{CONNECTIONS}/{UUID(int=0)}/events", {"GET", "HEAD"}),
        ("POST", "/livez", {"GET", "HEAD"}),
        ("BREW", "/openapi.json", {"GET", "HEAD"}),
    ],
)
async def test_other_method_is_refused_with_those_allowed(
    client: Client, method: str, path: str, allowed: set[str]
) -> None:
    answer = await client.request(method, path, headers=[AS_DEMO])

    assert_refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allowed
