"""A service that has been told to stop, before its server ends: whom it still answers, and how."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from entrypoints.admission import Admission
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.gate import Gate
from tests.asgi import Client, running
from tests.http.calls import CONNECTIONS, assert_refused
from tests.http.edge import BODY, GET, edge, posted
from tests.http.held import HeldJunction
from tests.http.test_edge_bodies import SIZE


@pytest.fixture
def junction(container: Container) -> HeldJunction:
    return HeldJunction(container)


@pytest.fixture
async def client(container: Container, junction: HeldJunction) -> AsyncIterator[Client]:
    async with running(create_app(container)) as client:
        yield client


async def test_service_that_stops_is_live_but_not_ready(
    client: Client, container: Container
) -> None:
    container.admission().close()

    assert (await client.request("GET", "/livez")).status == 200
    assert (await client.request("GET", "/openapi.json")).status == 200
    ready = await client.request("GET", "/readyz")
    assert_refused(ready, 503, "shutting_down")
    assert int(ready.headers["retry-after"]) > 0


async def test_service_that_stops_finishes_what_it_has_and_takes_no_more(
    client: Client, container: Container, junction: HeldJunction
) -> None:
    [held] = await junction.hold(client, "anna")
    container.admission().close()

    answer = await client.get(CONNECTIONS)

    assert_refused(answer, 503, "shutting_down")
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["connection"] == "close"
    junction.released.set()
    assert (await held).status == 201


@pytest.mark.parametrize("sent", [posted(BODY), posted(b" " * SIZE), posted(b" " * SIZE)[:-9]])
async def test_connection_ends_with_the_refusal_and_the_client_reads_it(
    container: Container, sent: bytes
) -> None:
    container.admission().close()
    async with edge(create_app(container)) as server, server.peer() as peer:
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await peer.send(sent)
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]

        answer = await peer.last_answer()

    assert_refused(answer, 503, "shutting_down")
    assert answer.headers["connection"] == "close"


async def test_probe_of_a_connection_kept_alive_goes_on(container: Container) -> None:
    container.admission().close()
    async with edge(create_app(container)) as server, server.peer() as peer:
        for _ in range(3):
            await peer.send(GET)
            assert (await peer.answer()).status == 200


async def test_request_that_is_cut_off_hears_that_the_service_stops(
    client: Client, container: Container, junction: HeldJunction
) -> None:
    held = await junction.hold(client, "anna", "ben")
    container.admission().close()

    for each in held:
        each.cancel()

    for each in held:
        assert_refused(await each, 503, "shutting_down")


async def test_request_that_somebody_else_cancels_is_not_answered_for_them(
    client: Client, junction: HeldJunction
) -> None:
    [held] = await junction.hold(client, "anna")

    held.cancel()

    with pytest.raises(asyncio.CancelledError):
        await held


async def test_answer_that_has_begun_is_not_begun_again_when_it_is_cut_off() -> None:
    admission = Admission(1)
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def cut_off(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        admission.close()
        raise asyncio.CancelledError

    scope: Any = {"type": "http", "path": CONNECTIONS, "state": {}}
    with pytest.raises(asyncio.CancelledError):
        await Gate(cut_off, admission)(scope, None, send)  # type: ignore[arg-type]  # it receives nothing

    assert sent == ["http.response.start"]
