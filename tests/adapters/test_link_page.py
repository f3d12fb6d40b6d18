"""The page in place of Junction's Link widget: what it offers, and how one leaves it."""

import re

import pytest

from adapters.junction.model import JunctionModel
from domain.provider import Provider, slugs_of
from tests.adapters.link_visits import BACK, a_token, choices, choose, linked, result, show
from tests.asgi import Client


async def test_page_offers_what_the_token_was_minted_for(
    client: Client, model: JunctionModel
) -> None:
    page = await show(client, a_token(model, "freestyle_libre", "abbott_libreview"))

    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert choices(page) == ["freestyle_libre", "abbott_libreview", "fail", "cancel"]


async def test_page_for_any_provider_offers_those_that_link_through_link(
    client: Client, model: JunctionModel
) -> None:
    offered = choices(await show(client, a_token(model)))

    assert {"oura", "whoop_v2", "dexcom_v3", "garmin", "abbott_libreview"} < set(offered)
    assert "apple_health_kit" not in offered


async def test_providers_are_named_as_people_write_them_and_each_otherwise(
    client: Client, model: JunctionModel
) -> None:
    slugs = [slug for provider in Provider for slug in slugs_of(provider.provider_name)]
    page = (await show(client, a_token(model, *slugs))).body.decode()

    named = re.findall(r">Connect ([^<]+)</button>", page)
    assert {"WHOOP", "Dexcom", "FreeStyle Libre", "Google Fit", "Eight Sleep"} < set(named)
    assert len(set(named)) == len(slugs)


async def test_page_escapes_what_it_shows(client: Client, model: JunctionModel) -> None:
    hostile = '"><script>alert(1)</script>'
    page = await show(client, a_token(model, hostile))

    assert b"<script" not in page.body
    assert hostile in choices(page)


async def test_no_answer_is_stored_or_runs_scripts(client: Client, model: JunctionModel) -> None:
    token = a_token(model, "oura")
    answers = (
        await show(client, token),
        await show(client, "unknown"),
        await choose(client, token, "fail"),
        await choose(client, token, "oura"),
        await choose(client, token, "oura"),
    )

    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_choice_links_and_returns_to_the_app(client: Client, model: JunctionModel) -> None:
    answer = await choose(client, a_token(model, "oura"), "oura")

    assert (answer.status, answer.headers["location"]) == (303, f"{BACK}?state=success")
    assert linked(model) == ["oura"]


async def test_return_keeps_the_apps_own_query_and_fragment(
    client: Client, model: JunctionModel
) -> None:
    token = a_token(model, "oura", redirect_url="myapp://done/?a=1&b=x%20y#top")
    answer = await choose(client, token, "oura")

    assert answer.headers["location"] == "myapp://done/?a=1&b=x%20y&state=success#top"


@pytest.mark.parametrize(
    ("choice", "error_type"), [("fail", "provider_api_error"), ("cancel", "user_cancelled")]
)
async def test_failure_returns_with_its_type_and_the_token_lives_on(
    client: Client, model: JunctionModel, choice: str, error_type: str
) -> None:
    token = a_token(model, "oura")
    failed = await choose(client, token, choice)

    assert failed.status == 303
    assert result(failed)["state"] == ["error"]
    assert result(failed)["error_type"] == [error_type]
    assert linked(model) == []
    assert result(await choose(client, token, "oura"))["state"] == ["success"]


@pytest.mark.parametrize(("choice", "state"), [("oura", "success"), ("cancel", "error")])
async def test_token_without_a_way_back_ends_on_a_last_page(
    client: Client, model: JunctionModel, choice: str, state: str
) -> None:
    answer = await choose(client, a_token(model, "oura", redirect_url=None), choice)

    assert answer.status == 200
    assert f"state={state}" in answer.body.decode()
