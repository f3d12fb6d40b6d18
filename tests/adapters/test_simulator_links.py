"""The simulator's link tokens and provider lists, as Junction documents its own."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from adapters.junction.model import JunctionModel
from domain.provider import Slug
from tests.adapters.asking import ask
from tests.asgi import Client
from tests.builders import ANNA


async def test_mint_answers_a_token_and_the_page_that_opens_with_it(
    client: Client, model: JunctionModel
) -> None:
    user = model.create_user(ANNA)
    answer = await ask(client, "POST", "/v2/link/token", {"user_id": user.id})

    assert answer.status == 200
    assert answer.json.keys() == {"link_token", "link_web_url"}
    page = urlsplit(answer.json["link_web_url"])
    assert f"{page.scheme}://{page.netloc}{page.path}" == "http://127.0.0.1:8001/link"
    assert parse_qs(page.query) == {"token": [answer.json["link_token"]]}


@pytest.mark.parametrize(
    ("members", "slugs"),
    [
        ({}, ()),
        ({"provider": "oura"}, ("oura",)),
        ({"filter_on_providers": ["garmin", "oura"]}, ("garmin", "oura")),
    ],
    ids=["any", "one", "several"],
)
async def test_minted_token_is_for_the_providers_asked_for(
    client: Client, model: JunctionModel, members: dict[str, Any], slugs: tuple[str, ...]
) -> None:
    user = model.create_user(ANNA)
    answer = await ask(client, "POST", "/v2/link/token", {"user_id": user.id, **members})

    assert model.open_token(answer.json["link_token"]).slugs == slugs


async def test_listed_providers_have_junctions_shape(client: Client, model: JunctionModel) -> None:
    user = model.create_user(ANNA)
    model.list_provider(user.id, Slug("oura"))
    model.list_provider(user.id, Slug("dexcom_v3"), status="error", error_type="revoked")
    answer = await ask(client, "GET", f"/v2/user/providers/{user.id}")

    well, failing = answer.json["providers"]
    assert (well["slug"], well["status"], well["error_details"]) == ("oura", "connected", None)
    assert (failing["slug"], failing["status"]) == ("dexcom_v3", "error")
    assert failing["error_details"]["error_type"] == "revoked"
    assert well["created_on"] == "2026-11-22T12:00:00Z"
