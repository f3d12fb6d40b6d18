"""What HttpJunctionGateway makes of Junction's answers: the refusals, and whose fault each is."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from adapters.junction.http import HttpJunctionGateway
from domain.junction_errors import (
    JunctionBadResponse,
    JunctionError,
    JunctionRateLimited,
    JunctionRejectedCredentials,
    JunctionUnavailable,
)
from domain.provider import Slug
from tests.adapters.upstream import BY, junction, reply
from tests.builders import ANNA, ANNAS_USER

USER: Final = {"user_id": ANNAS_USER, "client_user_id": ANNA}
NOT_FOUND: Final = reply(404, {"detail": "User not found"})

Call = Callable[[HttpJunctionGateway], Awaitable[object]]


async def _find(gateway: HttpJunctionGateway) -> object:
    return await gateway.find_or_create_user(ANNA, by=BY)


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


@CALLS
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, JunctionRejectedCredentials),
        (403, JunctionRejectedCredentials),
        (500, JunctionUnavailable),
        (502, JunctionUnavailable),
        (503, JunctionUnavailable),
        (504, JunctionUnavailable),
        (204, JunctionBadResponse),
        (409, JunctionBadResponse),
        (418, JunctionBadResponse),
    ],
)
async def test_refusal_says_whose_fault_it_is(
    call: Call, status: int, error: type[JunctionError]
) -> None:
    body = b"" if status == 204 else b"Said in plain text"
    async with junction(reply(status, body)) as (gateway, _):
        with pytest.raises(error):
            await call(gateway)


@CALLS
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Retry-After: 67"], 67.0),
        (["Retry-After: 0"], 0.0),
        ([], 1.0),
        (["Retry-After: Sun, 22 Nov 2026 12:01:07 GMT"], 67.0),
        (["Retry-After: soon"], 1.0),
        (["Retry-After: -7"], 1.0),
        (["Retry-After: 1e9"], 1.0),
        (["Retry-After: " + "9" * 400], 1.0),
    ],
    ids=["seconds", "none to wait", "absent", "date", "word", "negative", "float", "huge"],
)
async def test_rate_limit_passes_on_the_seconds_to_wait(
    call: Call, headers: list[str], seconds: float
) -> None:
    async with junction(reply(429, b"Too many requests", *headers)) as (gateway, _):
        with pytest.raises(JunctionRateLimited) as refusal:
            await call(gateway)

    assert refusal.value.retry_after == seconds


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize(
    "detail",
    ["User not found", [{"loc": ["body"], "msg": "Required"}], {"error_type": "INVALID_REQUEST"}],
    ids=["string", "list", "object"],
)
async def test_refused_mint_is_a_bad_response(status: int, detail: object) -> None:
    async with junction(reply(status, {"detail": detail})) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await _mint(gateway)


@pytest.mark.parametrize("body", [{}, {"link_token": ""}, {"link_token": 7}, {"link_token": None}])
async def test_mint_without_a_token_is_a_bad_response(body: dict[str, Any]) -> None:
    async with junction(reply(200, body)) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await _mint(gateway)
