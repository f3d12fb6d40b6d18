"""Staging's front page and its files: there in staging, and nowhere else."""

import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from hatchling.builders.wheel import WheelBuilder

from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from entrypoints.staging.routes import ASSETS, staging_routes
from tests.asgi import Client, running
from tests.http.calls import AS_DEMO, assert_refused

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "entrypoints" / "staging"
PATHS: Final = [route.path for route in staging_routes(None)]
OUTSIDE: Final = {
    "IDENTITY": "introspection",
    "INTROSPECTION_URL": "https://authority.invalid/introspect",
    "INTROSPECTION_CLIENT_ID": "wearable-link",
    "INTROSPECTION_CLIENT_SECRET": "made-up-secret",
    "JUNCTION_API_KEY": "sk_us_made_up",
}


def container_of(environ: dict[str, str], *, staging: bool) -> Container:
    settings = load_settings(environ, staging=staging, public_url="http://127.0.0.1:8000")
    container = create_container(settings)
    container.prepare_storage()
    return container


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Client]:
    environ = OUTSIDE | {"DATABASE_URL": f"sqlite:///{tmp_path}/link.db"}
    async with running(create_app(container_of(environ, staging=False))) as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
async def test_page_and_its_files_are_there_in_staging(client: Client, path: str) -> None:
    answer = await client.request("GET", path)

    assert answer.status == 200
    kind = {"css": "text/css", "js": "text/javascript"}.get(path.rpartition(".")[2])
    assert answer.headers["content-type"] == f"{kind or 'text/html'}; charset=utf-8"
    assert answer.body


@pytest.mark.parametrize("path", PATHS)
async def test_outside_staging_they_are_addresses_like_any_other(
    outside: Client, path: str
) -> None:
    unknown = await outside.request("GET", "/unknown")

    answer = await outside.request("GET", path)

    assert_refused(answer, 404, "not_found")
    assert answer.body == unknown.body
    assert answer.headers.keys() == unknown.headers.keys()
    posted = await outside.request("POST", path)
    assert_refused(posted, 404, "not_found")  # not 405: it is no route that takes another method


@pytest.mark.parametrize("path", PATHS)
async def test_nothing_but_our_own_files_is_run_or_asked(client: Client, path: str) -> None:
    headers = (await client.request("GET", path)).headers

    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        ASSETS,
        f"{ASSETS}/",
        f"{ASSETS}/page.html",
        f"{ASSETS}/routes.py",
        f"{ASSETS}/../routes.py",
        f"{ASSETS}/%2e%2e/routes.py",
        f"{ASSETS}/style.css/",
        f"{ASSETS}/STYLE.CSS",
    ],
)
async def test_no_other_file_can_be_had(client: Client, path: str) -> None:
    assert_refused(await client.request("GET", path, headers=[AS_DEMO]), 404, "not_found")


@pytest.mark.parametrize("path", PATHS)
async def test_they_are_only_to_be_read(client: Client, path: str) -> None:
    answer = await client.request("POST", path)

    assert_refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_page_says_whether_junction_is_simulated(client: Client) -> None:
    environ = {"DATABASE_URL": "memory:", "JUNCTION_BASE_URL": "http://127.0.0.1:8001"}
    async with running(create_app(container_of(environ, staging=True))) as other:
        real = (await other.request("GET", "/")).body.decode()
    simulated = (await client.request("GET", "/")).body.decode()

    assert '<html lang="en" data-junction="simulated">' in simulated
    assert '<html lang="en" data-junction="real">' in real
    assert "<code>http://127.0.0.1:8001</code>" in real


async def test_link_that_does_not_open_leads_back_to_the_page(client: Client) -> None:
    answer = await client.request("GET", "/junction/link?token=unknown")

    assert answer.status == 400
    assert 'href="../"' in answer.body.decode()


def test_page_uses_all_of_its_files_and_no_other() -> None:
    """Whatever is named is served, and nothing is left over or inline."""
    page = (FOLDER / "page.html").read_text()
    sources = "".join(path.read_text() for path in FOLDER.glob("*.js"))
    named = set(re.findall(rf'"{ASSETS}/([\w.]+)"', page))
    named |= set(re.findall(r'from "\./([\w.]+)"', sources))

    assert {f"{ASSETS}/{name}" for name in named} | {"/"} == set(PATHS)
    assert named | {"page.html"} == {
        path.name for path in FOLDER.iterdir() if path.suffix in {".css", ".html", ".js"}
    }
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_data_never_become_markup() -> None:
    sources = "".join(path.read_text() for path in FOLDER.glob("*.js"))

    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc"
    assert re.findall(ways, sources) == []


def test_installed_service_has_the_files(tmp_path: Path) -> None:
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])

    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    wanted = {*FOLDER.glob("*.css"), *FOLDER.glob("*.html"), *FOLDER.glob("*.js")}
    wanted |= set((ROOT / "adapters").rglob("*.css"))
    assert {str(path.relative_to(ROOT)) for path in wanted} <= packed
