"""How HttpJunctionGateway ends a connection, and a user with all of theirs."""

from typing import Final

import pytest

from domain.identifiers import JunctionUserId
from domain.junction_errors import JunctionBadResponse
from domain.provider import Slug
from tests.adapters.upstream import BY, KEY, junction, reply
from tests.builders import ANNAS_USER

OURA: Final = Slug("oura")
ENDED: Final = reply(200, {"success": True})


async def test_provider_of_the_user_is_deleted() -> None:
    async with junction(ENDED) as (gateway, upstream):
        await gateway.deregister(ANNAS_USER, OURA, by=BY)

    [request] = upstream.received
    assert (request.method, request.target) == ("DELETE", f"/v2/user/{ANNAS_USER}/oura")
    assert request.headers["x-vital-api-key"] == KEY
    assert request.body == b""


async def test_user_is_deleted() -> None:
    async with junction(ENDED) as (gateway, upstream):
        await gateway.delete_user(ANNAS_USER, by=BY)

    [request] = upstream.received
    assert (request.method, request.target) == ("DELETE", f"/v2/user/{ANNAS_USER}")
    assert request.headers["x-vital-api-key"] == KEY
    assert request.body == b""


@pytest.mark.parametrize(
    ("slug", "segment"), [("a/b", "a%2Fb"), ("?x", "%3Fx"), ("%2e%2e", "%252e%252e")]
)
async def test_slug_is_one_segment_of_the_path(slug: str, segment: str) -> None:
    async with junction(ENDED) as (gateway, upstream):
        await gateway.deregister(ANNAS_USER, Slug(slug), by=BY)

    assert upstream.received[0].target == f"/v2/user/{ANNAS_USER}/{segment}"


@pytest.mark.parametrize("word", ["", ".", ".."])
async def test_path_that_would_end_something_else_is_never_sent(word: str) -> None:
    """Without its last segment the path of a provider is the path of the user."""
    async with junction(ENDED) as (gateway, upstream):
        with pytest.raises(JunctionBadResponse):
            await gateway.deregister(ANNAS_USER, Slug(word), by=BY)
        with pytest.raises(JunctionBadResponse):
            await gateway.delete_user(JunctionUserId(word), by=BY)

    assert upstream.received == []


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (404, "Not found"),
        (404, "You have scheduled this user for deletion."),
        (422, "Invalid format for parameter provider"),
        (422, [{"loc": ["path", "provider"], "msg": "Input should be 'oura'"}]),
    ],
    ids=["unknown", "scheduled", "string", "list"],
)
async def test_nothing_to_deregister_is_as_good_as_done(status: int, detail: object) -> None:
    async with junction(reply(status, {"detail": detail})) as (gateway, upstream):
        await gateway.deregister(ANNAS_USER, OURA, by=BY)

    assert len(upstream.received) == 1


@pytest.mark.parametrize(
    "detail",
    [
        "The user does not or no longer exists in this team",
        "The user has been scheduled for deletion as per your previous request",
    ],
)
async def test_nobody_to_delete_is_as_good_as_done(detail: str) -> None:
    async with junction(reply(404, {"detail": detail})) as (gateway, upstream):
        await gateway.delete_user(ANNAS_USER, by=BY)

    assert len(upstream.received) == 1


async def test_user_whose_deletion_junction_cannot_understand_is_not_deleted() -> None:
    async with junction(reply(422, {"detail": "Invalid format"})) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.delete_user(ANNAS_USER, by=BY)


@pytest.mark.parametrize(
    "body",
    [{"success": False}, {"success": "true"}, {"success": None}, {}, [], b"", b"<html>"],
    ids=["false", "text", "null", "missing", "list", "empty", "HTML"],
)
async def test_ending_that_is_not_said_to_be_a_success_is_none(body: object) -> None:
    async with junction(reply(200, body)) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.deregister(ANNAS_USER, OURA, by=BY)
        with pytest.raises(JunctionBadResponse):
            await gateway.delete_user(ANNAS_USER, by=BY)
