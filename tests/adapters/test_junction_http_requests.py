"""What HttpJunctionGateway sends."""

import re
from typing import Any, Final

import pytest

from domain.identifiers import JunctionUser, PatientId
from domain.junction_errors import JunctionBadResponse
from domain.provider import Slug
from tests.adapters.upstream import BY, KEY, gateway_to, junction, reply, upstream
from tests.builders import ANNA, ANNAS_USER

USER: Final = {"user_id": ANNAS_USER, "client_user_id": ANNA, "team_id": None}
NOT_FOUND: Final = reply(404, {"detail": "User not found"})


async def test_known_user_is_resolved_by_the_patient_id() -> None:
    async with junction(reply(200, USER)) as (gateway, upstream):
        user = await gateway.find_or_create_user(ANNA, by=BY)

    assert user == JunctionUser(id=ANNAS_USER, patient_id=ANNA, team_id=None)
    [request] = upstream.received
    assert (request.method, request.target) == ("GET", "/v2/user/resolve/anna")
    assert request.body == b""


@pytest.mark.parametrize(
    ("patient_id", "segment"),
    [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("ü", "%C3%BC"),
        ("%2e", "%252e"),
        ("?x", "%3Fx"),
        ("#x", "%23x"),
        ("a+b&c=d", "a%2Bb%26c%3Dd"),
        ("...", "..."),
    ],
)
async def test_patient_id_is_one_segment_of_the_path(patient_id: str, segment: str) -> None:
    user = USER | {"client_user_id": patient_id}
    async with junction(reply(200, user)) as (gateway, upstream):
        await gateway.find_or_create_user(PatientId(patient_id), by=BY)

    assert upstream.received[0].target == f"/v2/user/resolve/{segment}"


@pytest.mark.parametrize("patient_id", [".", ".."])
async def test_patient_id_that_would_name_another_resource_is_never_sent(patient_id: str) -> None:
    async with junction(reply(200, USER)) as (gateway, upstream):
        with pytest.raises(JunctionBadResponse):
            await gateway.find_or_create_user(PatientId(patient_id), by=BY)

    assert upstream.received == []


@pytest.mark.parametrize("path", ["/eu", "/eu/"])
async def test_junction_may_be_behind_a_path(path: str) -> None:
    async with upstream(reply(200, USER)) as behind, gateway_to(behind.url + path) as gateway:
        await gateway.find_or_create_user(ANNA, by=BY)

    assert behind.received[0].target == "/eu/v2/user/resolve/anna"


async def test_unknown_user_is_created() -> None:
    async with junction(NOT_FOUND, reply(200, USER)) as (gateway, upstream):
        user = await gateway.find_or_create_user(ANNA, by=BY)

    assert user.id == ANNAS_USER
    _, request = upstream.received
    assert (request.method, request.target) == ("POST", "/v2/user")
    assert request.json == {"client_user_id": "anna"}


@pytest.mark.parametrize(
    ("slugs", "members"),
    [
        ([], {}),
        (["oura"], {"provider": "oura"}),
        (
            ["freestyle_libre", "abbott_libreview"],
            {"filter_on_providers": ["freestyle_libre", "abbott_libreview"]},
        ),
    ],
    ids=["none", "one", "several"],
)
@pytest.mark.parametrize("redirect_url", [None, "https://app.example/done?a=1"])
async def test_mint_names_the_user_and_only_what_was_asked_for(
    slugs: list[str], members: dict[str, Any], redirect_url: str | None
) -> None:
    minted = reply(200, {"link_token": "secret", "link_web_url": "https://link.example"})
    if redirect_url is not None:
        members = members | {"redirect_url": redirect_url}
    async with junction(minted) as (gateway, upstream):
        link = await gateway.mint_link_token(
            ANNAS_USER, slugs=[Slug(slug) for slug in slugs], redirect_url=redirect_url, by=BY
        )

    assert (link.token.reveal(), link.web_url) == ("secret", "https://link.example")
    [request] = upstream.received
    assert (request.method, request.target) == ("POST", "/v2/link/token")
    assert request.json == {"user_id": ANNAS_USER, **members}


async def test_providers_are_listed_by_user_id() -> None:
    async with junction(reply(200, {"providers": []})) as (gateway, upstream):
        assert await gateway.list_providers(ANNAS_USER, by=BY) == []

    [request] = upstream.received
    assert (request.method, request.target) == ("GET", f"/v2/user/providers/{ANNAS_USER}")


async def test_every_request_carries_the_key_and_takes_plain_json_only() -> None:
    minted = reply(200, {"link_token": "secret"})
    providers = reply(200, {"providers": []})
    async with junction(NOT_FOUND, reply(200, USER), minted, providers) as (gateway, upstream):
        await gateway.find_or_create_user(ANNA, by=BY)
        await gateway.mint_link_token(ANNAS_USER, slugs=[], redirect_url=None, by=BY)
        await gateway.list_providers(ANNAS_USER, by=BY)

    assert len(upstream.received) == 4
    for request in upstream.received:
        assert request.headers["x-vital-api-key"] == KEY
        assert request.headers["accept"] == "application/json"
        assert request.headers["accept-encoding"] == "identity"
        assert request.headers["content-type"] == "application/json"


async def test_every_request_is_a_span_of_its_own() -> None:
    async with junction(reply(200, {"providers": []})) as (gateway, upstream):
        await gateway.list_providers(ANNAS_USER, by=BY)
        await gateway.list_providers(ANNAS_USER, by=BY)

    parents = {request.headers["traceparent"] for request in upstream.received}
    assert len(parents) == 2
    for parent in parents:  # W3C Trace Context, 3.2
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", parent)


async def test_cookies_are_not_sent_back() -> None:
    nobody = reply(200, {"providers": []}, "Set-Cookie: patient=anna; Path=/")
    async with upstream(nobody, nobody) as served:
        named = served.url.replace("127.0.0.1", "localhost")  # a jar takes none from an address
        async with gateway_to(named) as gateway:
            await gateway.list_providers(ANNAS_USER, by=BY)
            await gateway.list_providers(ANNAS_USER, by=BY)

    assert "cookie" not in served.received[1].headers
