"""How a server that stops takes its leave of each client; tests/e2e has signals and processes."""

import asyncio
import logging
from contextlib import AsyncExitStack, suppress

import pytest
from starlette.types import Receive, Scope, Send

from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.http.calls import CONNECTIONS, assert_refused
from tests.http.edge import BODY, GET, Peer, only_http, posted, tcp_socket
from tests.http.held import HeldJunction
from tests.http.stoppable import EVER, Stoppable, service, stoppable

ASK = f"GET {CONNECTIONS} HTTP/1.1\r\nAuthorization: Bearer staging.demo\r\n\r\n".encode()


async def test_request_in_flight_is_answered_and_meanwhile_others_are_refused(
    container: Container,
) -> None:
    junction = HeldJunction(container)
    async with service(container) as server, server.peer() as peer:
        await peer.send(posted(BODY))
        await junction.holds(1)
        await server.stop()

        assert_refused(await server.ask(ASK), 503, "shutting_down")
        junction.released.set()
        answer = await peer.last_answer()

    assert answer.status == 201
    assert answer.headers["connection"] == "close"


async def test_connection_kept_alive_is_of_use_until_the_last_request_is_done(
    container: Container,
) -> None:
    junction = HeldJunction(container)
    async with service(container) as server, server.peer() as peer, server.peer() as probe:
        await probe.send(GET)
        assert (await probe.answer()).status == 200
        await peer.send(posted(BODY))
        await junction.holds(1)
        await server.stop()

        await probe.send(GET)
        assert (await probe.answer()).status == 200
        await probe.send(GET.replace(b"livez", b"readyz"))
        assert_refused(await probe.last_answer(), 503, "shutting_down")
        junction.released.set()
        assert (await peer.answer()).status == 201


async def test_requests_behind_one_in_flight_end_with_its_answer(
    container: Container,
) -> None:
    junction = HeldJunction(container)
    async with service(container) as server, server.peer() as peer:
        await peer.send(posted(BODY) + ASK + ASK)
        await junction.holds(1)
        await server.stop()
        junction.released.set()

        answer = await peer.last_answer()

    assert answer.status == 201
    assert answer.headers["connection"] == "close"


async def test_request_that_the_system_has_and_we_have_not_is_refused_in_our_body(
    container: Container,
) -> None:
    app, admission = create_app(container), container.admission()
    with tcp_socket() as client:

        def knock() -> None:
            client.connect(server.address)  # the system accepts, while we do something else
            client.send(ASK)

        async with stoppable(app, admission, meanwhile=knock) as server:
            await server.stop()
            client.settimeout(0)
            reader, writer = await asyncio.open_connection(sock=client)
            answer = await Peer(reader, writer).last_answer()
            writer.close()

    assert_refused(answer, 503, "shutting_down")


@pytest.mark.parametrize("sent", [b"", GET], ids=["new", "kept alive"])
async def test_idle_connection_ends_without_a_word(container: Container, sent: bytes) -> None:
    async with service(container, goodbyes=EVER) as server, server.peer() as peer:
        await peer.send(sent)
        if sent:
            await peer.answer()
        await server.stop()

        assert await peer.reader.read() == b""


@pytest.mark.parametrize("before", [b"", GET], ids=["first", "later"])
async def test_request_of_which_a_part_was_read_is_refused_in_our_body(
    container: Container, before: bytes
) -> None:
    async with service(container) as server, server.peer() as peer:
        await peer.send(before or GET, ASK[:-2])
        assert (await peer.answer()).status == 200
        await server.stop()

        assert_refused(await peer.last_answer(), 503, "shutting_down")


@pytest.mark.parametrize("body", [BODY[:-5], BODY], ids=["body to come", "at work"])
async def test_request_out_of_time_is_cut_off_and_told(container: Container, body: bytes) -> None:
    junction = HeldJunction(container)
    async with service(container, requests=0.1) as server, server.peer() as peer:
        await peer.send(posted(BODY)[: -len(BODY)] + body)
        if body == BODY:
            await junction.holds(1)
        else:
            await let_in(server)
        await server.stop()

        answer = await peer.last_answer()

    assert_refused(answer, 503, "shutting_down")
    assert answer.headers["connection"] == "close"


async def test_answer_that_has_begun_is_ended_when_time_is_up() -> None:
    async def endless(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        await asyncio.Event().wait()

    async with stoppable(only_http(endless), requests=0.1) as server, server.peer() as peer:
        await peer.send(GET)
        await peer.reader.readuntil(b"begun")
        await server.stop()

        assert await peer.reader.read() == b"\r\n"


@pytest.mark.parametrize("parts", [1, 4])
async def test_client_that_reads_nothing_is_left_in_the_end(parts: int) -> None:
    size = 20_000_000 // parts

    async def large(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-length", b"%d" % (size * parts))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in range(parts):
            more = part + 1 < parts
            await send({"type": "http.response.body", "body": b"x" * size, "more_body": more})

    async with (
        AsyncExitStack() as clients,  # who are still there when the server has ended
        stoppable(only_http(large), requests=0.1, goodbyes=0.1) as server,
    ):
        peer = await clients.enter_async_context(server.peer())
        await peer.send(GET)
        assert await peer.reader.readexactly(8) == b"HTTP/1.1"
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await server.stop()


async def test_stream_of_requests_that_are_refused_holds_nothing_up(
    container: Container,
) -> None:
    async def knock(peer: Peer) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                await peer.send(GET.replace(b"livez", b"readyz"), GET)
                await peer.answer()

    async with service(container) as server, server.peer() as one, server.peer() as other:
        knocking = [asyncio.create_task(knock(peer)) for peer in (one, other)]
        await server.stop()
        await asyncio.gather(*knocking)


async def test_nothing_of_it_is_a_complaint(
    container: Container, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    junction = HeldJunction(container)
    async with service(container, requests=0.1) as server, server.peer() as peer:
        await peer.send(posted(BODY))
        await junction.holds(1)
        await server.stop()
        await peer.last_answer()

    assert caplog.messages == []


async def let_in(server: Stoppable) -> None:
    """Until the one request sent so far is with the application."""
    while not server.server.server_state.tasks:  # noqa: ASYNC110  (uvicorn keeps sets, no event)
        await asyncio.sleep(0.01)
