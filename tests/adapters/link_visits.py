"""A browser at the Link page."""

import re
from html import unescape
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from adapters.junction.model import JunctionModel
from domain.provider import Slug
from tests.asgi import Answer, Client
from tests.builders import ANNA

BACK: Final = "https://app.example/done"


def a_token(model: JunctionModel, *slugs: str, redirect_url: str | None = BACK) -> str:
    user = model.resolve(ANNA) or model.create_user(ANNA)
    offered = tuple(Slug(slug) for slug in slugs)
    return model.mint(user.id, slugs=offered, redirect_url=redirect_url).token


def linked(model: JunctionModel) -> list[str]:
    user = model.resolve(ANNA)
    return [listing.slug for listing in user.listings.values()] if user else []


async def show(client: Client, token: str) -> Answer:
    return await client.request("GET", f"/link?{urlencode({'token': token})}")


async def choose(client: Client, token: str, choice: str) -> Answer:
    form = urlencode({"token": token, "choice": choice}).encode()
    return await client.request("POST", "/link", body=form)


def choices(page: Answer) -> list[str]:
    found = re.findall(r'name="choice" value="([^"]*)"', page.body.decode())
    return [unescape(value) for value in found]


def result(answer: Answer) -> dict[str, list[str]]:
    return parse_qs(urlsplit(answer.headers["location"]).query)
