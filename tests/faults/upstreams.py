"""The simulated Junction and the stand-in authority, on one socket for all tests of a module."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from adapters.clock import SystemClock
from adapters.junction.journal import FileJournal
from adapters.junction.model import JunctionModel
from adapters.junction.simulator.app import create_simulator
from tests.authority import Authority
from tests.servers import serving


@dataclass
class Upstreams:
    """A server that plays on, as each takes its time to stop; only its `app` changes."""

    app: Starlette = field(default_factory=Starlette)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def renew(self, journal: FileJournal) -> tuple[JunctionModel, Authority]:
        """A Junction where only that happened which is in `journal`, and an authority."""
        model = JunctionModel(clock=SystemClock(), journal=journal)
        authority = Authority()
        junction = create_simulator(model, link_page="http://127.0.0.1:8001/link")
        introspection = Route("/introspect", authority.introspect, methods=["POST"])
        self.app = Starlette(routes=[introspection, Mount("/", junction)])
        return model, authority


@asynccontextmanager
async def upstreams() -> AsyncIterator[Upstreams]:
    served = Upstreams()
    async with serving(served) as served.url:
        yield served
