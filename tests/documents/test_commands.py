"""Every command on the pages does what its reader is told it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from tests import needed
from tests.authority import CLIENT_ID, CLIENT_SECRET, an_authority
from tests.documents.blocks import Block, blocks_of
from tests.documents.shell import ROOT, Shell, a_shell
from tests.entrypoints.diagnosed import KEY, SECRET

PAGES: Final = [
    page
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if any(block.language for block in blocks_of(page))
]

# Their commands are given "in the service's environment", outside staging.
OUTSIDE_STAGING: Final = {"operations", "production", "scaling"}

JUNCTION: Final = Block(0, "sh", "serve", "wearable-link simulate-junction --port 8001\n")
SERVICE: Final = Block(0, "sh", "serve", "wearable-link serve\n")


@asynccontextmanager
async def outside_staging(folder: Path, database: str) -> AsyncIterator[Shell]:
    """Where a service would serve patients, and one does."""
    async with an_authority() as authority:
        environ = {
            "IDENTITY": "introspection",
            "INTROSPECTION_URL": authority.url,
            "INTROSPECTION_CLIENT_ID": CLIENT_ID,
            "INTROSPECTION_CLIENT_SECRET": CLIENT_SECRET,
            "JUNCTION_API_KEY": KEY,
            "JUNCTION_BASE_URL": "http://127.0.0.1:8001",
            "JUNCTION_WEBHOOK_SECRETS": SECRET,
        }
        words = {
            "https://link.example": "http://127.0.0.1:8000",
            "postgresql://wearable_link@db.example/wearable_link?sslmode=verify-full": database,
        }
        with a_shell(folder, words, environ) as shell:
            for served in (JUNCTION, SERVICE):
                await asyncio.to_thread(shell.follow, served)
            yield shell


async def follow(shell: Shell, page: Path) -> None:
    for block in blocks_of(page):
        await asyncio.to_thread(shell.follow, block)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
async def test_commands_of_a_page(page: Path, tmp_path: Path, postgresql: str) -> None:
    needed.program("curl")
    if page.stem not in OUTSIDE_STAGING:
        with a_shell(tmp_path) as shell:
            await follow(shell, page)
        return
    async with outside_staging(tmp_path, postgresql) as shell:
        await follow(shell, page)
