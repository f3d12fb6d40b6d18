"""Staging on a socket, as a browser finds it, and the steps that somebody takes there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvicorn
from playwright.async_api import Locator, Page, expect

from domain.secret import Secret
from entrypoints.container import create_junction_simulator
from entrypoints.webhook_settings import STAGING_SECRET
from tests.e2e.processes import Process, a_free_port
from tests.http.edge import tcp_socket
from tests.servers import running

MINT: Final = "Mint a link token and open Link"


@asynccontextmanager
async def staging(**environ: str) -> AsyncIterator[str]:
    """Where `wearable-link serve --staging` serves, in a process of its own."""
    port = a_free_port()
    environ = {"DATABASE_URL": "memory:"} | environ
    with TemporaryDirectory() as folder:
        arguments = ("serve", "--staging", "--port", str(port))
        # In a thread, as a Junction elsewhere is in this event loop.
        process = await asyncio.to_thread(Process, arguments, Path(folder), environ)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            await asyncio.to_thread(process.stop)


@asynccontextmanager
async def junction_elsewhere(webhooks_url: str | None = None) -> AsyncIterator[str]:
    """A Junction behind the real adapter, with a Link page of its own."""
    with tcp_socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        simulator = create_junction_simulator(
            None, base_url=url, webhooks_url=webhooks_url, webhook_secret=Secret(STAGING_SECRET)
        )
        config = uvicorn.Config(simulator, access_log=False, log_config=None)
        async with running(config, listener):
            yield url


async def open_link(page: Page, patient: str, provider: str = "") -> None:
    """From the front page to Link, as `patient`."""
    await page.get_by_label("Patient", exact=True).fill(patient)
    await page.get_by_label("Provider", exact=True).select_option(provider)
    await page.get_by_role("button", name=MINT).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Connect a wearable")


async def connect(page: Page, patient: str, button: str = "Connect Oura") -> None:
    """The whole way, until the connection is seen."""
    await open_link(page, patient)
    await page.get_by_role("button", name=button, exact=True).click()
    await expect(card(page)).to_contain_text("connected")


def card(page: Page) -> Locator:
    """The only connection that is shown."""
    return page.get_by_role("article")


def sent(page: Page, title: str) -> Locator:
    """Requests of that title."""
    return page.locator("#requests details").filter(
        has=page.locator("summary").filter(has_text=title)
    )


async def texts(request: Locator) -> list[str]:
    """The curl command and the answer of a request."""
    if not await request.evaluate("it => it.open"):
        await request.locator("summary").click()
    return await request.locator("pre").all_inner_texts()
