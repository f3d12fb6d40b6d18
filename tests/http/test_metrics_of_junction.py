"""What is counted of Junction: how calls end, what is repeated, and when it is left alone."""

import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from entrypoints.container import create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Client, running
from tests.http.calls import MINT, assert_refused
from tests.http.gated import Linking
from tests.http.scraped import GET_METRICS, Scrape, read, scrape

STATES = ("closed", "open", "half_open")


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address that is ours, where nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
async def alone(empty_database: Path, tmp_path: Path, nobody: str) -> AsyncIterator[Client]:
    """The service, whose Junction is gone."""
    shutil.copy(empty_database, tmp_path / "staging.db")
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/staging.db",
        "JUNCTION_BASE_URL": nobody,
        "JUNCTION_API_KEY": "sk_us_made_up",
    }
    settings = load_settings(environ, staging=True, public_url="")
    async with running(create_app(create_container(settings))) as client:
        yield client


def state(seen: Scrape) -> list[float]:
    return [seen.value("junction_circuit_state", state=each) for each in STATES]


async def test_calls_that_are_answered_are_counted_by_operation(service: Linking) -> None:
    await service.mint("anna")

    seen = read(await service.edge.ask(GET_METRICS))

    for operation, result in (
        ("find_user", "refused"),  # 404: she is not known yet
        ("create_user", "ok"),
        ("mint_link_token", "ok"),
    ):
        labels = {"operation": operation, "result": result}
        assert seen.value("junction_attempts_total", **labels) == 1
    assert state(seen) == [1, 0, 0]


async def test_call_that_fails_is_counted_with_its_repeats(alone: Client) -> None:
    assert_refused(await alone.post(MINT, {}), 502, "junction_unavailable")

    seen = await scrape(alone)

    failed = {"operation": "find_user", "result": "unreachable"}
    assert seen.value("junction_attempts_total", **failed) == 4
    assert seen.value("junction_retries_total", operation="find_user") == 3


async def test_circuit_that_opens_is_seen_and_so_is_who_is_kept_back(alone: Client) -> None:
    assert state(await scrape(alone)) == [1, 0, 0]

    while state(seen := await scrape(alone)) == [1, 0, 0]:
        await alone.post(MINT, {})

    assert state(seen) == [0, 1, 0]
    assert seen.value("junction_circuit_openings_total") == 1
    kept_back = seen.value("junction_kept_back_total")
    await alone.post(MINT, {})
    assert (await scrape(alone)).value("junction_kept_back_total") == kept_back + 1
