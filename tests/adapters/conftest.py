"""A simulated Junction for each test, and a client of its HTTP."""

import pytest

from adapters.clock import FixedClock
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel
from adapters.junction.simulator.app import create_simulator
from tests.asgi import Client
from tests.builders import NOW


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def model(clock: FixedClock) -> JunctionModel:
    return JunctionModel(clock=clock, journal=InMemoryJournal())


@pytest.fixture
def client(model: JunctionModel) -> Client:
    return Client(create_simulator(model, link_page="http://127.0.0.1:8001/link"), {})
