"""Time runs out for a request that does not arrive whole, however busily it is sent."""

import asyncio
import logging

import pytest
from starlette.types import Message, Receive, Scope, Send

from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.limits import Limits
from tests.http.calls import assert_refused
from tests.http.edge import BODY, CHUNKED, GET, POST, edge, only_http, posted

QUICK = Limits(header_seconds=0.2, request_seconds=0.4, linger_seconds=0.2)
QUICK_BODY = Limits(request_seconds=0.2, header_seconds=0.2, linger_seconds=0.2)

UNFINISHED = {
    "nothing": b"",
    "empty line": b"\r\n",
    "half a line": b"GET /livez HT",
    "half a head": GET[:-2],
    "no body": posted(BODY)[: -len(BODY)],
    "half a body": posted(BODY)[:-5],
    "half a chunk": CHUNKED + b"ff\r\n{",
    "no last chunk": CHUNKED + b"2\r\n{}\r\n",
    "half a trailer": CHUNKED + b"2\r\n{}\r\n0\r\nA: b",
    "100 expected": POST + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n",
}


@pytest.mark.parametrize("sent", UNFINISHED.values(), ids=UNFINISHED)
@pytest.mark.parametrize("reused", [False, True], ids=["first", "later"])
async def test_request_that_is_never_whole_is_answered_and_forgotten(
    container: Container, caplog: pytest.LogCaptureFixture, sent: bytes, *, reused: bool
) -> None:
    caplog.set_level(logging.WARNING)
    async with edge(create_app(container), QUICK) as server, server.peer() as peer:
        if reused:
            await peer.send(GET)
            assert (await peer.answer()).status == 200
        await peer.send(sent if sent or not reused else b"\r\n")

        if b"Expect" in sent:
            assert await peer.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        answer = await peer.last_answer()
        await server.is_left_by_all()

    assert_refused(answer, 408, "request_timeout")
    assert answer.headers["connection"] == "close"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert caplog.messages == []


DRIPS = {
    "empty lines": b"\r\n" * 5000,
    "line": b"GET /" + b"a" * 5000,
    "headers": GET[:-2] + b"a: b\r\n" * 1000,
    "body": POST + b"Content-Length: 5000\r\n\r\n" + b" " * 5000,
    "chunks": CHUNKED + b"1\r\n \r\n" * 1000,
}


@pytest.mark.parametrize(
    ("head", "rest"),
    [(drip[:-5000], drip[-5000:]) for drip in DRIPS.values()],
    ids=DRIPS,
)
async def test_drip_does_not_help(container: Container, head: bytes, rest: bytes) -> None:
    async with edge(create_app(container), QUICK) as server, server.peer() as peer:
        await peer.send(head)
        dripping = asyncio.create_task(peer.drip(rest))

        assert_refused(await peer.answer(), 408, "request_timeout")
        await server.is_left_by_all()
        await dripping


async def test_dripping_body_of_an_answered_request_ends_with_the_connection(
    container: Container,
) -> None:
    head = b"GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n"
    async with edge(create_app(container), QUICK) as server, server.peer() as peer:
        await peer.send(head)
        dripping = asyncio.create_task(peer.drip(b" " * 5000))

        assert (await peer.last_answer()).status == 200
        await server.is_left_by_all()
        await dripping


async def test_application_that_awaits_the_body_is_ended(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    heard: list[Message] = []

    async def stubborn(_: Scope, receive: Receive, send: Send) -> None:
        while not heard or heard[-1]["type"] == "http.request":
            heard.append(await receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"canary"})

    async with edge(only_http(stubborn), QUICK) as server, server.peer() as peer:
        await peer.send(posted(BODY)[:-5])
        answer = await peer.last_answer()
        await server.is_left_by_all()

    assert_refused(answer, 408, "request_timeout")
    assert [message["type"] for message in heard] == ["http.request", "http.disconnect"]
    assert caplog.messages == []


async def test_answer_that_has_begun_is_not_overwritten(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)

    async def early(_: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"10")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        while (await receive())["type"] == "http.request":
            pass

    async with edge(only_http(early), QUICK) as server, server.peer() as peer:
        await peer.send(posted(BODY)[:-5])
        answer = await peer.reader.read()
        await server.is_left_by_all()

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nbegun")
    assert caplog.messages == []


async def test_client_that_neither_reads_nor_leaves_is_left(container: Container) -> None:
    async with edge(create_app(container), QUICK) as server, server.peer() as peer:
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await peer.send(GET[:-2])

        await server.is_left_by_all()


async def test_body_has_more_time_than_the_headers(container: Container) -> None:
    limits = Limits(header_seconds=0.2)
    async with edge(create_app(container), limits) as server, server.peer() as peer:
        await peer.send(posted(BODY)[:-5])
        await asyncio.sleep(2 * limits.header_seconds)
        await peer.send(posted(BODY)[-5:])

        assert (await peer.answer()).status == 201


async def test_refused_body_bears_the_name_of_its_caller(container: Container) -> None:
    async with edge(create_app(container), QUICK) as server:
        answer = await server.ask(posted(BODY, b"X-Request-Id: caller-1")[:-1])

    assert answer.headers["x-request-id"] == "caller-1"


async def test_slow_but_whole_request_is_served(container: Container) -> None:
    request = posted(BODY)
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.drip(request)

        assert (await peer.answer()).status == 201


async def test_connection_outlives_the_time_of_a_request(container: Container) -> None:
    """Hundreds of requests, for longer than any one of them may take."""
    loop = asyncio.get_running_loop()
    async with edge(create_app(container), QUICK_BODY) as server, server.peer() as peer:
        end, count = loop.time() + 1, 0
        while loop.time() < end or count < 300:
            await peer.send(GET)
            assert (await peer.answer()).status == 200
            count += 1


async def test_idle_connection_has_the_time_of_keep_alive(container: Container) -> None:
    async with edge(create_app(container), QUICK) as server, server.peer() as peer:
        for _ in range(2):
            await peer.send(GET)
            assert (await peer.answer()).status == 200
            await asyncio.sleep(2 * QUICK.request_seconds)

        await peer.send(posted(BODY))
        assert (await peer.answer()).status == 201


async def test_idle_connection_ends_with_keep_alive(container: Container) -> None:
    app = create_app(container)
    async with edge(app, keep_alive=0) as server, server.peer() as peer:
        await peer.send(GET)

        assert (await peer.last_answer()).status == 200
