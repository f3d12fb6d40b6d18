"""A client that does not read its answer keeps nothing of ours."""

import asyncio
import logging

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from entrypoints.http.limits import Limits
from tests.http.edge import GET, Peer, edge, only_http

QUICK = Limits(header_seconds=0.2, request_seconds=0.4, linger_seconds=0.2, unread_seconds=0.2)
SMALL = 4096


def answering(size: int, *, parts: int = 1) -> ASGIApp:
    async def answer(_: Scope, __: Receive, send: Send) -> None:
        headers = [(b"content-length", b"%d" % (size * parts))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in range(parts):
            more = part + 1 < parts
            await send({"type": "http.response.body", "body": b"x" * size, "more_body": more})

    return only_http(answer)


def stop_reading(peer: Peer) -> None:
    peer.writer.transport.pause_reading()  # type: ignore[attr-defined]


@pytest.mark.parametrize("sent", [GET, GET * 3, GET + GET[:-2]], ids=["one", "more", "half"])
@pytest.mark.parametrize("parts", [1, 4])
async def test_client_that_leaves_a_large_answer_unread_is_left(
    caplog: pytest.LogCaptureFixture, sent: bytes, parts: int
) -> None:
    caplog.set_level(logging.WARNING)
    app = answering(20_000_000 // parts, parts=parts)
    async with edge(app, QUICK) as server, server.peer() as peer:
        stop_reading(peer)
        await peer.send(sent)

        await server.is_left_by_all()

    assert caplog.messages == []


async def test_client_that_leaves_the_end_of_a_small_answer_unread_is_left() -> None:
    app = answering(50_000)  # less than what makes a transport ask for a pause
    async with (
        edge(app, QUICK, keep_alive=0, send_buffer=SMALL) as server,
        server.peer(receive_buffer=SMALL) as peer,
    ):
        stop_reading(peer)
        await peer.send(GET)

        await server.is_left_by_all()


async def test_client_that_reads_slowly_but_in_time_reads_it_all() -> None:
    size = 2_000_000
    async with (
        edge(answering(size), Limits(), send_buffer=SMALL) as server,
        server.peer(receive_buffer=SMALL) as peer,
    ):
        await peer.send(GET)
        await peer.reader.readuntil(b"\r\n\r\n")
        read = 0
        while read < size:
            read += len(await peer.reader.readexactly(100_000))
            await asyncio.sleep(0.02)

        assert read == size
