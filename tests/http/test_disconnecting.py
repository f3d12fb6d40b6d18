"""A patient ends a connection: 204 when Junction has ended it, and then only."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from adapters.clock import FixedClock
from adapters.junction.faults import Fault
from domain.provider import Slug
from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.adapters.sqlite_files import execute
from tests.asgi import Client, running
from tests.http.calls import CONNECTIONS, assert_refused, connections_of, exchange, mint
from tests.http.disconnecting import DEMO, at, connected, listed
from tests.http.held import HeldJunction
from tests.http.hooked import at_noon
from tests.http.test_junction_faults import FAULTS


def with_time(container: Container) -> FixedClock:
    """Let the service have ten seconds for what it asks of Junction, which pass at once."""
    clock = at_noon(container)
    container.lifecycle.add_kwargs(patience=10.0, sleep=clock.sleep)
    return clock


async def test_ended_connection_is_answered_with_nothing(client: Client) -> None:
    connection = (await exchange(client, "link-test-connected")).json

    answer = await client.delete(at(connection))

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.keys() == {"cache-control", "x-request-id"}


async def test_ended_connection_stays_listed_as_disconnected(
    client: Client, container: Container
) -> None:
    connection = (await exchange(client, "link-test-connected")).json

    await client.delete(at(connection))

    ended = connection | {"status": "disconnected"}
    assert ended in await connections_of(client)
    assert (await client.get(at(connection))).json == ended
    assert "oura" not in listed(container)


async def test_ending_it_again_is_no_error(client: Client) -> None:
    connection = (await exchange(client, "link-test-connected")).json

    answers = [await client.delete(at(connection)) for _ in range(3)]
    at_once = await asyncio.gather(*(client.delete(at(connection)) for _ in range(5)))

    assert {answer.status for answer in (*answers, *at_once)} == {204}
    assert (await client.get(at(connection))).json["status"] == "disconnected"


@pytest.mark.parametrize(
    ("provider", "slugs"),
    [
        ("dexcom", {"dexcom", "dexcom_v3"}),
        ("whoop", {"whoop", "whoop_v2"}),
        ("freestyle_libre", {"freestyle_libre", "abbott_libreview", "freestyle_libre_ble"}),
    ],
)
async def test_every_slug_behind_the_name_is_ended_and_no_other(
    client: Client, container: Container, provider: str, slugs: set[str]
) -> None:
    for slug in slugs:
        container.junction_model().list_provider(DEMO, Slug(slug))
    others = listed(container) - slugs
    connection = await connected(client, container, min(slugs), provider)

    assert (await client.delete(at(connection))).status == 204

    assert listed(container) == others


async def test_link_that_is_let_go_is_pending_no_more(client: Client) -> None:
    token = await mint(client, patient="anna", provider="oura")
    pending = (await exchange(client, token, patient="anna")).json

    answer = await client.delete(at(pending), patient="anna")

    assert pending["status"] == "pending"
    assert answer.status == 204
    again = await exchange(client, token, patient="anna")
    assert (again.json["id"], again.json["status"]) == (pending["id"], "disconnected")


async def test_new_link_connects_it_again(client: Client, container: Container) -> None:
    first = await connected(client, container, "garmin", "garmin")
    await client.delete(at(first))

    again = await connected(client, container, "garmin", "garmin")

    assert again["id"] == first["id"]
    assert (await client.get(at(first))).json == again


async def test_app_that_comes_back_is_looked_at_once_more_and_then_told_of(
    container: Container,
) -> None:
    clock = with_time(container)
    async with running(create_app(container)) as client:
        connection = await connected(client, container, *["apple_health_kit"] * 2)
        reads, began = container.junction_model().reads, clock.monotonic()
        answer = await client.delete(at(connection))
        assert container.junction_model().reads - reads == 2
        assert clock.monotonic() - began == 1
        assert_refused(answer, 409, "still_connected")
        assert (await client.get(at(connection))).json == connection


async def test_app_that_is_gone_at_the_second_look_was_ended(container: Container) -> None:
    clock = with_time(container)

    async def end_it(seconds: float) -> None:
        clock.advance(timedelta(seconds=seconds))
        container.junction_model().unlist_provider(DEMO, Slug("apple_health_kit"))

    container.lifecycle.add_kwargs(sleep=end_it)
    async with running(create_app(container)) as client:
        connection = await connected(client, container, *["apple_health_kit"] * 2)

        assert (await client.delete(at(connection))).status == 204
        assert (await client.get(at(connection))).json["status"] == "disconnected"


async def test_where_time_is_short_there_is_no_second_look(
    client: Client, container: Container
) -> None:
    connection = await connected(client, container, *["apple_health_kit"] * 2)
    reads = container.junction_model().reads

    answer = await client.delete(at(connection))

    assert_refused(answer, 409, "still_connected")
    assert container.junction_model().reads - reads == 1


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_end_that_junction_did_not_confirm_changes_nothing_and_may_be_repeated(
    client: Client, container: Container, fault: Fault, error: str
) -> None:
    connection = (await exchange(client, "link-test-connected")).json
    container.junction_model().faults.order(fault)

    answer = await client.delete(at(connection))

    assert_refused(answer, 502, error)
    assert answer.headers.get("retry-after") == ("1" if fault is Fault.RATE_LIMITED else None)
    assert "oura" in listed(container)
    assert await connections_of(client) == [connection]
    assert (await client.delete(at(connection))).status == 204


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_end_that_could_not_be_looked_at_changes_nothing_and_may_be_repeated(
    container: Container, fault: Fault, error: str
) -> None:
    junction = HeldJunction(container)
    async with running(create_app(container)) as client:
        junction.released.set()
        connection = (await exchange(client, "link-test-connected")).json
        await junction.holds(1)
        junction.released.clear()

        ending = asyncio.create_task(client.delete(at(connection)))
        await junction.holds(1)
        container.junction_model().faults.order(fault)
        junction.released.set()

        assert_refused(await ending, 502, error)
        assert await connections_of(client) == [connection]
        assert (await client.delete(at(connection))).status == 204
        assert (await client.get(at(connection))).json["status"] == "disconnected"


async def test_user_who_is_gone_at_junction_has_no_connection_left(
    client: Client, container: Container
) -> None:
    connection = (await exchange(client, "link-test-connected")).json
    container.junction_model().delete_user(DEMO)

    assert (await client.delete(at(connection))).status == 204
    assert (await client.get(at(connection))).json["status"] == "disconnected"


async def test_ids_that_are_not_the_callers_are_refused_alike_and_written_down(
    container: Container,
) -> None:
    unknown = str(uuid4())
    async with running(create_app(container)) as client:
        connection = (await exchange(client, "link-test-connected")).json
        refused = [
            await client.delete(f"{CONNECTIONS}/{each}", patient="ben")
            for each in (unknown, connection["id"])
        ]
        assert await connections_of(client) == [connection]

    assert [(answer.status, answer.json["error"]) for answer in refused] == [
        (404, "not_found"),
        (404, "not_found"),
    ]
    assert refused[0].body == refused[1].body
    assert attempts_of_ben(container) == [
        (unknown, "disconnect", "not_found"),
        (connection["id"], "disconnect", "not_found"),
    ]
    assert "oura" in listed(container)


def attempts_of_ben(container: Container) -> list[tuple[Any, ...]]:
    path = container.settings().database.path
    assert isinstance(path, Path)
    return execute(
        path,
        "SELECT connection_id, cause, outcome FROM connection_events "
        "WHERE patient_id = 'ben' ORDER BY id",
    )
