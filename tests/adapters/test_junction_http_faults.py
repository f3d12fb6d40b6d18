"""HttpJunctionGateway when the wire, or what is behind it, does its worst."""

import asyncio
import gzip
import socket
from datetime import timedelta
from typing import Final

import pytest

from adapters.clock import FixedClock
from domain.junction_errors import JunctionBadResponse, JunctionTimeout, JunctionUnavailable
from tests.adapters.upstream import (
    BY,
    Behaviour,
    drip,
    gateway_to,
    hang,
    head,
    junction,
    reply,
    reset,
    upstream,
)
from tests.builders import ANNA, ANNAS_USER, NOW

LARGEST: Final = 1 << 20
NO_PROVIDERS: Final = b'{"providers": []}'


async def test_refused_connection_is_unavailable() -> None:
    with socket.socket() as held:  # bound and never listening: nobody else can get the port
        held.bind(("127.0.0.1", 0))
        async with gateway_to(f"http://127.0.0.1:{held.getsockname()[1]}") as gateway:
            with pytest.raises(JunctionUnavailable):
                await gateway.list_providers(ANNAS_USER, by=BY)


async def test_host_that_does_not_resolve_is_unavailable() -> None:
    async with gateway_to("http://junction.invalid") as gateway:
        with pytest.raises(JunctionUnavailable):
            await gateway.list_providers(ANNAS_USER, by=BY)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        reset,
        b"HTTP/1.1 200 OK\r\nContent-Le",
        head(200, "Content-Length: 1000") + NO_PROVIDERS,
        head(200, "Transfer-Encoding: chunked") + b"5\r\n{}",
    ],
    ids=["closed", "reset", "cut in its head", "cut in its body", "cut in a chunk"],
)
async def test_connection_lost_before_the_end_is_unavailable(answer: bytes | Behaviour) -> None:
    async with junction(answer) as (gateway, _):
        with pytest.raises(JunctionUnavailable):
            await gateway.list_providers(ANNAS_USER, by=BY)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        head(200, "X-Long: " + "x" * 100_000),
        head(200, "Content-Length: many"),
    ],
    ids=["another protocol", "no status", "endless header", "no length"],
)
async def test_what_is_not_http_is_a_bad_response(answer: bytes) -> None:
    async with junction(answer) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.list_providers(ANNAS_USER, by=BY)


@pytest.mark.parametrize("behaviour", [hang, drip], ids=["hang", "drip"])
async def test_answer_that_never_ends_is_a_timeout(behaviour: Behaviour) -> None:
    async with junction(behaviour) as (gateway, served):
        with pytest.raises(JunctionTimeout):
            await gateway.list_providers(ANNAS_USER, by=0.1)

    assert len(served.received) == 1


async def test_mint_that_hangs_is_a_timeout() -> None:
    async with junction(hang) as (gateway, served):
        with pytest.raises(JunctionTimeout):
            await gateway.mint_link_token(ANNAS_USER, slugs=[], redirect_url=None, by=0.1)

    assert len(served.received) == 1


async def test_time_is_for_all_the_requests_of_one_call_together() -> None:
    clock = FixedClock(NOW)

    async def take_nearly_all_of_it(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clock.advance(timedelta(seconds=9.9))
        writer.write(reply(404, {"detail": "User not found"}))
        await writer.drain()

    async with junction(take_nearly_all_of_it, hang, clock=clock) as (gateway, served):
        with pytest.raises(JunctionTimeout):
            await gateway.find_or_create_user(ANNA, by=BY)

    assert [request.method for request in served.received] == ["GET", "POST"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Welcome</title>",
        b'{"providers": [{"slug": "\xff"}]}',
        b"[" * 100_000,
        b'{"providers": ' + b"[" * 100_000,
        b'{"unread": ' + b"[" * 100_000,
        b"null",
    ],
    ids=["empty", "HTML", "not UTF-8", "nested", "nested member", "nested unread", "null"],
)
async def test_unreadable_body_is_a_bad_response(body: bytes) -> None:
    async with junction(reply(200, body)) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.list_providers(ANNAS_USER, by=BY)


async def test_largest_body_is_read() -> None:
    async with junction(reply(200, NO_PROVIDERS.ljust(LARGEST))) as (gateway, _):
        assert await gateway.list_providers(ANNAS_USER, by=BY) == []


@pytest.mark.parametrize("headers", [[f"Content-Length: {LARGEST + 1}"], []], ids=["told", "not"])
async def test_body_above_the_largest_is_a_bad_response(headers: list[str]) -> None:
    answer = head(200, *headers) + NO_PROVIDERS.ljust(LARGEST + 1)
    async with junction(answer) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.list_providers(ANNAS_USER, by=BY)


@pytest.mark.parametrize("size", [0, 100 * LARGEST], ids=["small", "bomb"])
async def test_compressed_body_is_never_inflated(size: int) -> None:
    body = gzip.compress(NO_PROVIDERS.ljust(size), compresslevel=1)
    async with junction(reply(200, body, "Content-Encoding: gzip")) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.list_providers(ANNAS_USER, by=BY)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_not_followed(status: int) -> None:
    async with upstream(reply(200, NO_PROVIDERS)) as elsewhere:
        moved = reply(status, b"", f"Location: {elsewhere.url}/v2/user/providers/1")
        async with junction(moved) as (gateway, _):
            with pytest.raises(JunctionBadResponse):
                await gateway.list_providers(ANNAS_USER, by=BY)

    assert elsewhere.received == []


async def test_hundreds_of_calls_do_not_queue_here() -> None:
    """A queue of ours (aiohttp's is of 100) would eat the deadline, and Junction be blamed."""
    calls, arrived, all_there = 200, 0, asyncio.Event()

    async def answer_when_all_are_there(
        _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == calls:
            all_there.set()
        await all_there.wait()
        writer.write(reply(200, {"providers": []}))
        await writer.drain()

    async with junction(answer_when_all_are_there) as (gateway, _):
        answers = await asyncio.gather(
            *(gateway.list_providers(ANNAS_USER, by=BY) for _ in range(calls))
        )

    assert answers == [[]] * calls
