"""The page at /docs: what it may do in a browser, what it is made of, and nothing else."""

import re
from pathlib import Path
from typing import Final

import pytest

from entrypoints.http import docs
from tests.asgi import Answer, Client
from tests.http.calls import assert_refused

PAGE: Final = "/docs"


async def get(client: Client, path: str, **headers: str) -> Answer:
    """As a browser asks for a page: with no bearer token."""
    return await client.request("GET", path, headers=[*headers.items()])


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Swagger UI is not installed, as in the run-time environment."""
    monkeypatch.setattr(docs, "SWAGGER_UI", "no_such_package")


async def test_page_may_load_only_what_this_service_serves(client: Client) -> None:
    answer = await get(client, PAGE)

    policy = answer.headers["content-security-policy"]
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy


async def test_page_is_made_of_assets_alone(client: Client) -> None:
    page = (await get(client, PAGE)).body.decode()

    assert set(re.findall(r'(?:href|src)="docs/([^"]+)"', page)) == set(docs.ASSETS)
    assert not re.search(r"<style|style=|<script>|https?:", page)


@pytest.mark.parametrize(("name", "kind"), docs.ASSETS.items())
async def test_asset_is_served_and_then_kept_as_long_as_it_is_the_same(
    client: Client, name: str, kind: str
) -> None:
    answer = await get(client, f"{PAGE}/{name}")

    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    assert int(answer.headers["content-length"]) == len(answer.body) > 0
    kept = {"if-none-match": answer.headers["etag"]}
    again = await get(client, f"{PAGE}/{name}", **kept)
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    other = await get(client, f"{PAGE}/{name}", **{"if-none-match": '"other"'})
    assert other.body == answer.body


@pytest.mark.parametrize(
    "name",
    [
        "",
        "index.html",
        "docs.py",
        "swagger-ui.css.map",
        "../docs.py",
        "../../../pyproject.toml",
        "..\\docs.py",
        "/etc/passwd",
        "docs.js/",
        "docs.js\x00.png",
        "./docs.js",
        "DOCS.JS",
    ],
)
async def test_nothing_else_is_served(client: Client, name: str) -> None:
    assert_refused(await get(client, f"{PAGE}/{name}"), 404, "not_found")


async def test_every_asset_is_where_the_installed_package_has_it() -> None:
    folders = [Path(docs.__file__).parent, docs._installed()]  # noqa: SLF001  (the one place that knows)

    for name in docs.ASSETS:
        assert [folder for folder in folders if folder and (folder / name).is_file()] != []


@pytest.mark.usefixtures("without")
async def test_page_says_how_to_get_what_it_lacks(client: Client) -> None:
    answer = await get(client, PAGE)

    page = answer.body.decode()
    assert answer.status == 200
    assert "requirements/docs.txt" in page
    assert 'href="openapi.json"' in page
    assert "<script" not in page
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert_refused(await get(client, f"{PAGE}/swagger-ui.css"), 404, "not_found")
