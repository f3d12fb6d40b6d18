"""The gate on real sockets: bodies that nobody reads, answers in parts, clients that leave."""

import asyncio

import pytest
from dependency_injector import providers
from starlette.types import Receive, Scope, Send

from entrypoints.admission import Admission
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.gate import Gate
from entrypoints.http.request_id import RequestIds
from tests.asgi import Answer
from tests.http.calls import assert_refused
from tests.http.edge import BODY, CHUNKED, Edge, edge, only_http, posted
from tests.http.held import HeldJunction
from tests.http.test_edge_bodies import SIZE, in_chunks


@pytest.fixture
def admission(container: Container) -> Admission:
    """One request at a time."""
    admission = Admission(1)
    container.admission.override(providers.Object(admission))
    return admission


async def ask(server: Edge) -> Answer:
    async with server.peer() as peer:
        await peer.send(posted(BODY))
        return await peer.answer()


@pytest.mark.parametrize("size", [SIZE, 10 * SIZE])
async def test_client_that_reads_only_when_all_is_sent_sees_the_refusal(
    container: Container, admission: Admission, size: int
) -> None:
    admission.enter()
    async with edge(create_app(container)) as server, server.peer() as peer:
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await peer.send(posted(b" " * size))
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]

        assert_refused(await peer.answer(), 503, "overloaded")


async def test_refusal_comes_while_the_body_is_sent_and_the_connection_serves_on(
    container: Container, admission: Admission
) -> None:
    admission.enter()
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.send(CHUNKED)
        assert_refused(await peer.answer(), 503, "overloaded")

        admission.leave()
        await peer.send(*in_chunks(SIZE), b"0\r\n\r\n", posted(BODY))

        assert (await peer.answer()).status == 201


async def test_client_that_sends_when_asked_to_is_refused_instead(
    container: Container, admission: Admission
) -> None:
    admission.enter()
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.send(posted(BODY, b"Expect: 100-continue")[: -len(BODY)])

        assert_refused(await peer.answer(), 503, "overloaded")


async def test_place_is_kept_until_the_work_is_done_though_the_client_has_left(
    container: Container, admission: Admission
) -> None:
    junction = HeldJunction(container)
    async with edge(create_app(container)) as server:
        async with server.peer() as peer:
            await peer.send(posted(BODY))
            await junction.holds(1)

        assert_refused(await ask(server), 503, "overloaded")
        junction.released.set()
        await server.is_left_by_all()

        assert (await ask(server)).status == 201
        admission.enter()
        assert_refused(await ask(server), 503, "overloaded")


async def test_place_comes_back_from_a_client_that_leaves_in_its_body(
    container: Container, admission: Admission
) -> None:
    async with edge(create_app(container)) as server:
        async with server.peer() as peer:
            await peer.send(posted(BODY)[:-5])
            while (await ask(server)).status != 503:  # until it has been let in
                pass
        await server.is_left_by_all()

        assert (await ask(server)).status == 201
        admission.enter()
        assert_refused(await ask(server), 503, "overloaded")


async def test_place_is_kept_to_the_end_of_an_answer_in_parts() -> None:
    released = asyncio.Event()

    async def in_parts(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await released.wait()
        await send({"type": "http.response.body", "body": b"b"})

    app = only_http(RequestIds(Gate(in_parts, Admission(1))))
    async with edge(app) as server, server.peer() as peer:
        await peer.send(posted(BODY))
        assert (await peer.reader.readuntil(b"\r\n\r\na")).startswith(b"HTTP/1.1 200")

        assert_refused(await ask(server), 503, "overloaded")
        released.set()
        assert await peer.reader.readexactly(1) == b"b"

        assert (await ask(server)).status == 200
