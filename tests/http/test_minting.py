"""POST /v1/wearables/link/token."""

from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from domain.provider import Slug
from entrypoints.container import Container
from tests.asgi import Client
from tests.http.calls import (
    AS_DEMO,
    MINT,
    assert_refused,
    exchange,
    mint,
    send,
)


async def test_mint_answers_a_token_a_page_and_an_hour(client: Client) -> None:
    answer = await client.post(MINT, {})

    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json
    assert body.keys() == {"link_token", "link_web_url", "expires_at"}
    assert body["link_web_url"].endswith(f"/junction/link?token={quote(body['link_token'])}")
    assert body["expires_at"].endswith("Z")
    left = datetime.fromisoformat(body["expires_at"]) - datetime.now().astimezone()
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)


async def test_mint_needs_no_body_and_then_no_content_type(client: Client) -> None:
    answer = await client.request("POST", MINT, headers=[AS_DEMO])

    assert answer.status == 201


async def test_each_mint_gives_another_token(client: Client) -> None:
    assert await mint(client) != await mint(client)


@pytest.mark.parametrize(
    ("provider", "slugs"),
    [
        ("google_fit", ("google_fit",)),
        ("oura", ("oura",)),
        ("whoop", ("whoop_v2",)),
        ("eight_sleep", ("eight_sleep",)),
        ("dexcom", ("dexcom_v3",)),
        ("freestyle_libre", ("freestyle_libre", "abbott_libreview")),
        ("garmin", ("garmin",)),
    ],
)
async def test_provider_is_asked_for_by_junctions_slug_and_answered_by_its_name(
    client: Client, container: Container, provider: str, slugs: tuple[str, ...]
) -> None:
    token = await mint(client, patient="anna", provider=provider)
    assert container.junction_model().open_token(token).slugs == slugs
    container.junction_model().link(token, Slug(slugs[-1]))

    answer = await exchange(client, token, patient="anna")

    assert answer.status == 201
    assert (answer.json["provider"], answer.json["status"]) == (provider, "connected")


async def test_redirect_url_reaches_junction_as_it_is(
    client: Client, container: Container
) -> None:
    token = await mint(client, redirect_url="loop-app://linked?a=b#c")

    assert container.junction_model().open_token(token).redirect_url == "loop-app://linked?a=b#c"


async def test_apple_health_does_not_link_through_link(client: Client) -> None:
    answer = await client.post(MINT, {"provider": "apple_health_kit"})

    assert_refused(answer, 400, "validation_error")
    assert answer.json["message"].startswith("provider: ")
    assert "phone" in answer.json["message"]


@pytest.mark.parametrize("body", [b"{}", b" {} ", b'{"unknown": 1}'], ids=repr)
async def test_mint_without_a_provider_offers_all(
    client: Client, container: Container, body: bytes
) -> None:
    answer = await send(client, MINT, body)

    assert answer.status == 201
    assert container.junction_model().open_token(answer.json["link_token"]).slugs == ()
