"""As many requests as are taken, and then no more: who is sent away, and how a place is freed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers
from starlette.types import Message

from entrypoints import log
from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Client, running
from tests.http.calls import (
    AS_DEMO,
    CONNECTIONS,
    EXCHANGE,
    MINT,
    assert_refused,
    connections_of,
)
from tests.http.held import HeldJunction
from tests.logged import Logged

APP = "https://app.example"
PATIENTS = ("anna", "ben")


@pytest.fixture
def container(empty_database: Path, tmp_path: Path) -> Container:
    """Two requests at once, and no more."""
    path = tmp_path / "staging.db"
    path.write_bytes(empty_database.read_bytes())
    environ = {
        "DATABASE_URL": f"sqlite:///{path}",
        "MAX_IN_FLIGHT": str(len(PATIENTS)),
        "CORS_ALLOWED_ORIGINS": APP,
    }
    return create_container(load_settings(environ, staging=True, public_url=""))


@pytest.fixture
def junction(container: Container) -> HeldJunction:
    return HeldJunction(container)


@pytest.fixture
async def client(container: Container, junction: HeldJunction) -> AsyncIterator[Client]:
    async with running(create_app(container)) as client:
        yield client


async def assert_has_exactly_its_places(client: Client, junction: HeldJunction) -> None:
    """None was lost, and none was given back twice."""
    junction.released.clear()
    held = await junction.hold(client, *PATIENTS)
    assert_refused(await client.get(CONNECTIONS), 503, "overloaded")
    junction.released.set()
    assert {(await each).status for each in held} == {201}


async def test_requests_beyond_the_limit_are_refused_until_one_is_done(
    client: Client, junction: HeldJunction
) -> None:
    held = await junction.hold(client, *PATIENTS)

    answer = await client.get(CONNECTIONS)

    assert_refused(answer, 503, "overloaded")
    assert answer.headers["retry-after"] == "1"
    assert "connection" not in answer.headers
    junction.released.set()
    assert [(await each).status for each in held] == [201, 201]
    assert await connections_of(client) == []
    await assert_has_exactly_its_places(client, junction)


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/swagger-ui.css"]
)
async def test_whoever_watches_or_reads_is_answered_when_it_is_full(
    client: Client, junction: HeldJunction, path: str
) -> None:
    held = await junction.hold(client, *PATIENTS)

    assert (await client.request("GET", path)).status == 200

    junction.released.set()
    await asyncio.gather(*held)


async def test_refusal_is_named_logged_and_open_to_a_page_like_any_other(
    client: Client, junction: HeldJunction, logged: Logged
) -> None:
    held = await junction.hold(client, *PATIENTS)
    log.configure(logged)

    asked = await client.request(
        "OPTIONS",
        EXCHANGE,
        headers=[("origin", APP), ("access-control-request-method", "POST")],
    )
    answer = await client.request(
        "GET", CONNECTIONS, headers=[AS_DEMO, ("origin", APP), ("x-request-id", "caller-1")]
    )

    assert asked.status == 200
    assert_refused(answer, 503, "overloaded")
    assert answer.headers["access-control-allow-origin"] == APP
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert answer.headers["x-request-id"] == "caller-1"
    [line] = [line for line in logged.lines if line.get("error")]
    assert (line["event"], line["status"], line["error"]) == ("request", 503, "overloaded")
    assert line["request_id"] == "caller-1"
    junction.released.set()
    await asyncio.gather(*held)


async def test_nothing_is_asked_or_read_for_who_is_sent_away(
    client: Client, junction: HeldJunction
) -> None:
    held = await junction.hold(client, *PATIENTS)

    async def receive() -> Message:
        raise AssertionError("the body was read")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    # Without a state there is neither an identity to ask nor storage.
    scope: Any = {"type": "http", "method": "POST", "path": EXCHANGE, "headers": []}
    await client.app(scope, receive, send)

    assert sent[0]["status"] == 503
    junction.released.set()
    await asyncio.gather(*held)


async def test_place_comes_back_after_a_refusal_and_after_a_defect(
    container: Container, junction: HeldJunction
) -> None:
    container.lifecycle.override(providers.Object(None))
    async with running(create_app(container)) as client:
        for _ in range(3):
            assert (await client.request("GET", CONNECTIONS)).status == 401
            assert (await client.get(CONNECTIONS)).status == 500
            assert (await client.get("/nowhere")).status == 404
            assert (await client.post(MINT, {"provider": None})).status == 400

        await assert_has_exactly_its_places(client, junction)


async def test_place_comes_back_after_a_request_is_cancelled(
    client: Client, junction: HeldJunction
) -> None:
    held = await junction.hold(client, *PATIENTS)

    for each in held:
        each.cancel()
    ended = await asyncio.gather(*held, return_exceptions=True)

    assert [type(each) for each in ended] == [asyncio.CancelledError] * 2
    junction.released.set()
    await assert_has_exactly_its_places(client, junction)


async def test_place_comes_back_when_the_answer_cannot_be_sent(
    client: Client, junction: HeldJunction
) -> None:
    async def gone(*_: object) -> Any:
        raise ConnectionResetError

    for _ in range(3):
        scope = client._scope("GET", CONNECTIONS, [AS_DEMO])  # noqa: SLF001  (a request without its answer)
        with pytest.raises(ConnectionResetError):
            await client.app(scope, gone, gone)

    await assert_has_exactly_its_places(client, junction)
