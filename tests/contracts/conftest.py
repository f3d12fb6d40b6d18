from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from ports.junction_gateway import JunctionGateway
from tests.builders import NOW
from tests.contracts import gateways, storages
from tests.contracts.gateways import Simulated
from tests.contracts.linking import Linking
from tests.contracts.storages import Stored


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(params=[storages.in_memory, storages.sqlite])
async def stored(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> AsyncIterator[Stored]:
    async with request.param(tmp_path, clock) as stored:
        yield stored


@pytest.fixture(params=[gateways.in_memory, gateways.http])
async def simulated(request: pytest.FixtureRequest, clock: FixedClock) -> AsyncIterator[Simulated]:
    async with request.param(clock) as simulated:
        yield simulated


@pytest.fixture(
    params=[
        gateways.in_memory,
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
    """Over every gateway and every repository."""
    return Linking.over(simulated, stored)
