from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import pytest

from adapters.clock import FixedClock
from ports.junction_gateway import JunctionGateway
from tests.builders import NOW
from tests.contracts import gateways, storages
from tests.contracts.gateways import Simulated
from tests.contracts.linking import Linking
from tests.contracts.storages import Stored

# Of what the repositories promise, and not of what is done with them.
_OF_A_PORT: Final = {
    "test_history.py",
    "test_junction_users.py",
    "test_noting_once.py",
    "test_repositories.py",
    "test_stale.py",
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(params=["in_memory", "traced", "sqlite", "postgresql"])
def opened(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> AbstractAsyncContextManager[Stored]:
    match request.param:
        case "sqlite":
            return storages.sqlite(tmp_path, clock)
        case "postgresql":
            return storages.postgresql(request.getfixturevalue("postgresql"), clock)
        case "traced":
            return storages.traced(clock)
        case _:
            return storages.in_memory(clock)


@pytest.fixture
async def stored(opened: AbstractAsyncContextManager[Stored]) -> AsyncIterator[Stored]:
    async with opened as stored:
        yield stored


@pytest.fixture(params=[gateways.in_memory, gateways.http])
async def simulated(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Simulated]:
    async with request.param(clock) as simulated:
        yield simulated


@pytest.fixture(
    params=[
        gateways.in_memory,
        gateways.traced,
        gateways.http,
        pytest.param(gateways.sandbox, marks=pytest.mark.sandbox),
    ]
)
async def junction(
    request: pytest.FixtureRequest, clock: FixedClock
) -> AsyncIterator[JunctionGateway]:
    async with request.param(clock) as simulated_or_real:
        yield getattr(simulated_or_real, "gateway", simulated_or_real)


@pytest.fixture
def linking(simulated: Simulated, stored: Stored) -> Linking:
    """Over every gateway and every repository, but not over each with each: see below."""
    return Linking.over(simulated, stored)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Gateway and repository do not know of each other: HTTP is met over SQLite only.

    What wraps a port is held against that port alone.
    """
    items[:] = [item for item in items if not _is_met_elsewhere(item)]


def _is_met_elsewhere(item: pytest.Item) -> bool:
    params = item.callspec.params if hasattr(item, "callspec") else {}
    if params.get("opened") == "traced":
        return item.path.name not in _OF_A_PORT
    return params.get("simulated") is gateways.http and params.get("opened") in {
        "in_memory",
        "postgresql",
    }
