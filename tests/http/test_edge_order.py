"""Requests behind a slow answer are answered in turn; a refusal too, and it is the last."""

import asyncio
import logging

import pytest

from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.limits import Limits
from tests.http.calls import assert_refused
from tests.http.edge import BODY, CHUNKED, GET, edge, holding, posted

QUICK = Limits(header_seconds=0.1, request_seconds=0.2, linger_seconds=0.2)

BEHIND = {
    "half a head": (GET[:-2], 408, "request_timeout"),
    "half a body": (posted(BODY)[:-5], 408, "request_timeout"),
    "no HTTP": (b"nonsense\r\n\r\n", 400, "validation_error"),
    "no chunk": (CHUNKED + b"zz\r\n", 400, "validation_error"),
    "large head": (GET[:-2] + b"a: b\r\n" * 10_000, 431, "headers_too_large"),
}
behind = pytest.mark.parametrize(("sent", "status", "error"), BEHIND.values(), ids=BEHIND)


@pytest.mark.parametrize("apart", [False, True], ids=["together", "apart"])
@behind
async def test_refusal_waits_for_the_answer_before_it(
    container: Container,
    caplog: pytest.LogCaptureFixture,
    sent: bytes,
    status: int,
    error: str,
    *,
    apart: bool,
) -> None:
    caplog.set_level(logging.WARNING)
    released = asyncio.Event()
    app = holding(create_app(container), released.wait)
    async with edge(app, QUICK) as server, server.peer() as peer:
        await peer.send(*((GET, sent) if apart else (GET + sent,)))
        await asyncio.sleep(2 * QUICK.request_seconds)
        released.set()

        assert (await peer.answer()).status == 200
        assert_refused(await peer.last_answer(), status, error)
        await server.is_left_by_all()

    assert caplog.messages == []


@behind
async def test_refusal_waits_for_every_answer_before_it(
    container: Container, sent: bytes, status: int, error: str
) -> None:
    released = asyncio.Event()
    app = holding(create_app(container), released.wait)
    async with edge(app, QUICK) as server, server.peer() as peer:
        await peer.send(GET + posted(BODY) + GET + sent)
        await asyncio.sleep(2 * QUICK.request_seconds)
        released.set()

        answers = [(await peer.answer()).status for _ in range(3)]
        assert answers == [200, 201, 200]
        assert_refused(await peer.last_answer(), status, error)


async def test_head_begun_before_an_answer_is_not_left_to_keep_alive(container: Container) -> None:
    async with edge(create_app(container), QUICK, keep_alive=0) as server, server.peer() as peer:
        await peer.send(GET + GET[:-2])

        assert (await peer.answer()).status == 200
        assert_refused(await peer.last_answer(), 408, "request_timeout")


async def test_head_begun_before_an_answer_may_be_finished_after_it(container: Container) -> None:
    async with edge(create_app(container), keep_alive=0) as server, server.peer() as peer:
        await peer.send(GET + posted(BODY)[:-5])
        assert (await peer.answer()).status == 200
        await peer.send(posted(BODY)[-5:])

        assert (await peer.answer()).status == 201


async def test_many_requests_at_once_are_answered_in_order(container: Container) -> None:
    async with edge(create_app(container)) as server, server.peer() as peer:
        await peer.send((GET + posted(BODY)) * 200)

        answers = [(await peer.answer()).status for _ in range(400)]

    assert answers == [200, 201] * 200
