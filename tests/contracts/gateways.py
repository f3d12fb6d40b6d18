"""Every adapter of JunctionGateway, ready to be asked."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from adapters.clock import FixedClock
from adapters.junction.http import HttpJunctionGateway, open_session
from adapters.junction.in_memory import InMemoryJunctionGateway
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel
from adapters.junction.simulator.app import create_simulator
from adapters.tracing.junction import TracedJunctionGateway
from entrypoints.junction_hosts import base_url_for
from ports.junction_gateway import JunctionGateway
from tests.contracts.tracing import recorded
from tests.servers import serving

LINK_PAGE = "http://127.0.0.1:8001/link"
PATIENCE = 1.0  # seconds: long enough for a loaded machine, short enough to be waited for


@dataclass(frozen=True)
class Simulated:
    """A gateway, and the Junction behind it."""

    gateway: JunctionGateway
    model: JunctionModel


def a_model(clock: FixedClock, user_limit: int | None = 50) -> JunctionModel:
    return JunctionModel(clock=clock, journal=InMemoryJournal(), user_limit=user_limit)


@asynccontextmanager
async def in_memory(clock: FixedClock) -> AsyncIterator[Simulated]:
    model = a_model(clock)
    gateway = InMemoryJunctionGateway(model, link_page=LINK_PAGE, clock=clock, sleep=clock.sleep)
    yield Simulated(gateway, model)


@asynccontextmanager
async def traced(clock: FixedClock) -> AsyncIterator[Simulated]:
    """In memory, and all that is asked of it is under way in a span."""
    with recorded() as tracer:
        async with in_memory(clock) as simulated:
            yield replace(simulated, gateway=TracedJunctionGateway(simulated.gateway, tracer))


@asynccontextmanager
async def of_many(clock: FixedClock) -> AsyncIterator[Simulated]:
    """In memory, and not a sandbox: any number of users."""
    model = a_model(clock, user_limit=None)
    gateway = InMemoryJunctionGateway(model, link_page=LINK_PAGE, clock=clock, sleep=clock.sleep)
    yield Simulated(gateway, model)


@asynccontextmanager
async def http(clock: FixedClock) -> AsyncIterator[Simulated]:
    model = a_model(clock)
    simulator = create_simulator(model, link_page=LINK_PAGE)
    async with serving(simulator) as url, open_session("sk_us_contract") as session:
        gateway = HttpJunctionGateway(session, base_url=url, clock=clock, sleep=clock.sleep)
        yield Simulated(gateway, model)


@asynccontextmanager
async def sandbox(clock: FixedClock) -> AsyncIterator[JunctionGateway]:
    key = os.environ.get("JUNCTION_API_KEY", "")
    if not key.startswith("sk_"):
        pytest.skip("asks the real Junction sandbox: set JUNCTION_API_KEY=sk_...")
    async with open_session(key) as session:
        yield HttpJunctionGateway(session, base_url=base_url_for(key) or "", clock=clock)
