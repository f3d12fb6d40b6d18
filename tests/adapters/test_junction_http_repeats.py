"""What HttpJunctionGateway sends again, and what the upstream sees of it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from adapters.clock import FixedClock
from adapters.junction.http import HttpJunctionGateway, open_session
from domain.identifiers import JunctionUser
from domain.junction_errors import (
    JunctionBadResponse,
    JunctionRateLimited,
    JunctionRejectedCredentials,
    JunctionUnavailable,
)
from domain.provider import Slug
from tests.adapters.upstream import BY, KEY, Behaviour, Upstream, head, junction, reply, reset
from tests.builders import ANNA, ANNAS_USER, NOW

Call = Callable[[HttpJunctionGateway], Awaitable[object]]

USER: Final = reply(200, {"user_id": ANNAS_USER, "client_user_id": ANNA})
MINTED: Final = reply(200, {"link_token": "secret"})
LISTED: Final = reply(200, {"providers": []})
ENDED: Final = reply(200, {"success": True})
NOT_FOUND: Final = reply(404, {"detail": "User not found"})


async def _find(gateway: HttpJunctionGateway) -> object:
    return await gateway.find_user(ANNA, by=BY)


async def _mint(gateway: HttpJunctionGateway) -> object:
    return await gateway.mint_link_token(ANNAS_USER, slugs=[], redirect_url=None, by=BY)


async def _list(gateway: HttpJunctionGateway) -> object:
    return await gateway.list_providers(ANNAS_USER, by=BY)


async def _deregister(gateway: HttpJunctionGateway) -> object:
    await gateway.deregister(ANNAS_USER, Slug("oura"), by=BY)
    return True


async def _delete(gateway: HttpJunctionGateway) -> object:
    await gateway.delete_user(ANNAS_USER, by=BY)
    return True


CALLS: Final = pytest.mark.parametrize(
    "call",
    [_find, _mint, _list, _deregister, _delete],
    ids=["find", "mint", "list", "deregister", "delete"],
)


@pytest.mark.parametrize(
    ("call", "good"),
    [
        (_find, USER),
        (_mint, MINTED),
        (_list, LISTED),
        (_deregister, ENDED),
        (_delete, ENDED),
    ],
    ids=["find", "mint", "list", "deregister", "delete"],
)
@pytest.mark.parametrize(
    "bad",
    [
        b"",
        reset,
        head(200, "Content-Length: 1000") + b"{",
        reply(429, b""),
        reply(429, b"", "Retry-After: 3"),
        reply(500, b""),
        reply(502, b""),
        reply(503, b"", "Retry-After: Sun, 22 Nov 2026 12:00:03 GMT"),
        reply(504, b""),
    ],
    ids=["closed", "reset", "cut", "429", "429 in 3 s", "500", "502", "503 at a time", "504"],
)
async def test_each_call_survives_two_failures(
    call: Call, good: bytes, bad: bytes | Behaviour
) -> None:
    async with junction(bad, bad, good) as (gateway, served):
        assert await call(gateway) is not None

    first, *repeats = [(sent.method, sent.target, sent.body) for sent in served.received]
    assert repeats == [first, first]
    assert len({sent.headers["traceparent"] for sent in served.received}) == 3


@CALLS
@pytest.mark.parametrize("bad", [b"", reset, reply(500, b"")], ids=["closed", "reset", "500"])
async def test_what_does_not_pass_is_sent_four_times(call: Call, bad: bytes | Behaviour) -> None:
    async with junction(bad) as (gateway, served):
        with pytest.raises(JunctionUnavailable):
            await call(gateway)

    assert len(served.received) == 4


@CALLS
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(301, b"", "Location: /"), JunctionBadResponse),
        (reply(401, b""), JunctionRejectedCredentials),
        (reply(403, b""), JunctionRejectedCredentials),
        (reply(409, b""), JunctionBadResponse),
        (reply(200, b"<html>"), JunctionBadResponse),
        (reply(200, b" " * (1 << 21)), JunctionBadResponse),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", JunctionBadResponse),
        (reply(501, b""), JunctionUnavailable),
        (reply(503, b"", "Retry-After: 60"), JunctionUnavailable),
        (reply(429, b"", "Retry-After: 60"), JunctionRateLimited),
    ],
    ids=["301", "401", "403", "409", "HTML", "large", "not HTTP", "501", "503", "429"],
)
async def test_what_cannot_help_is_asked_once(
    call: Call, answer: bytes, error: type[Exception]
) -> None:
    async with junction(answer) as (gateway, served):
        with pytest.raises(error):
            await call(gateway)

    assert len(served.received) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Retry-After: 60"], 60.0),
        (["Retry-After: Sun, 22 Nov 2026 12:01:00 GMT"], 60.0),
        (["Retry-After: soon"], None),
        ([], None),
    ],
    ids=["seconds", "date", "word", "absent"],
)
async def test_unavailable_passes_on_the_wait_that_it_was_given(
    headers: list[str], seconds: float | None
) -> None:
    async with junction(reply(503, b"", *headers)) as (gateway, _):
        with pytest.raises(JunctionUnavailable) as refusal:
            await _list(gateway)

    assert refusal.value.retry_after == seconds


async def test_user_whose_creation_was_not_heard_of_is_found_in_the_conflict() -> None:
    conflict: Any = {"detail": {"error_type": "INVALID_REQUEST", "user_id": ANNAS_USER}}
    async with junction(NOT_FOUND, reset, reply(400, conflict)) as (gateway, served):
        found = await gateway.find_or_create_user(ANNA, by=BY)

    assert found == JunctionUser(id=ANNAS_USER, patient_id=ANNA, team_id=None)
    assert [sent.method for sent in served.received] == ["GET", "POST", "POST"]


async def test_connection_that_was_refused_is_tried_again() -> None:
    served = Upstream([LISTED])
    with socket.socket() as held:  # bound, and not listening yet
        held.bind(("127.0.0.1", 0))

        async def listen(_: float) -> None:
            servers.append(await asyncio.start_server(served.handle, sock=held))

        servers: list[asyncio.Server] = []
        async with open_session(KEY) as session:
            url = f"http://127.0.0.1:{held.getsockname()[1]}"
            gateway = HttpJunctionGateway(
                session, base_url=url, clock=FixedClock(NOW), sleep=listen
            )
            assert await _list(gateway) == []
        [server] = servers
        server.close()

    assert len(served.received) == 1
