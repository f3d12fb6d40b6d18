"""A real browser: what a page does in it, and all that went wrong meanwhile.

Playwright's asynchronous interface: the other one keeps a loop running that the asynchronous tests
beside these would stumble over.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    async_playwright,
    expect,
)

from tests.browser.staging import staging
from tests.needed import program

# As root, with no screen, and asking nobody for updates.
_OPTIONS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)

# Milliseconds to wait for what a page is to show: its own five are little on a busy machine.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a module share its loop, and so a browser; a page of each has a context alone."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    path = program("chromium")
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=path, args=_OPTIONS) as browser,
    ):
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def url() -> AsyncIterator[str]:
    """The address of a staging of this test's own."""
    async with staging() as url:
        yield url


@pytest.fixture
def problems() -> list[str]:
    """What the browser of this test complained of; a test that expects something clears it."""
    return []


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, problems: list[str]) -> AsyncIterator[Page]:
    """An empty page. In the end nobody may have complained.

    Complaints are the console's errors and warnings (a policy that is violated is an error there),
    defects of scripts, requests that failed, and requests to anywhere but this machine.
    """

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            problems.append(f"{message.type}: {message.text}")

    def miss(request: Request) -> None:
        # Of a page that is left: it asks no more.
        if request.failure != "net::ERR_ABORTED":
            problems.append(f"failed: {request.url}")

    def look(request: Request) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", None}:
            problems.append(f"asked of another: {request.url}")

    page = await browser.new_page()
    page.on("console", listen)
    page.on("pageerror", lambda error: problems.append(f"defect: {error}"))
    page.on("request", look)
    page.on("requestfailed", miss)
    yield page
    await page.context.close()
    assert problems == []
