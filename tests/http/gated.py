"""The service on a socket, Junction on another, and a gate before Junction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.clock import SystemClock
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel
from adapters.junction.simulator.app import create_simulator
from domain.provider import Slug
from entrypoints.container import create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.http.edge import Edge, edge

RESOLVE: Final = "/v2/user/resolve/"
CREATE: Final = "/v2/user"
MINT: Final = "/v2/link/token"
LIST: Final = "/v2/user/providers/"


@dataclass(eq=False)
class Gate:
    """Lets calls through, but for those of one step until it is opened again."""

    junction: ASGIApp
    under_way: int = 0
    passed: list[str] = field(default_factory=list)
    _shut: str | None = None
    _reached: asyncio.Event = field(default_factory=asyncio.Event)
    _opened: asyncio.Event = field(default_factory=asyncio.Event)

    def shut(self, step: str) -> None:
        """`step` is a path, or how it begins where it ends in a slash."""
        self._shut = step
        self._reached.clear()
        self._opened.clear()

    async def is_reached(self) -> None:
        await self._reached.wait()

    def open(self) -> None:
        self._shut = None
        self._opened.set()

    def _holds(self, path: str) -> bool:
        step = self._shut
        return step is not None and (path.startswith(step) if step.endswith("/") else path == step)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.junction(scope, receive, send)
            return
        self.under_way += 1
        try:
            if self._holds(scope["path"]):
                self._reached.set()
                await self._opened.wait()
            await self.junction(scope, receive, partial(_send_last, send))
            self.passed.append(scope["path"])
        finally:
            self.under_way -= 1


async def _send_last(send: Send, message: Message) -> None:
    """As the last answer of a connection: none is kept, so what is held can be counted."""
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (b"connection", b"close")]
    await send(message)


@dataclass(frozen=True)
class Linking:
    edge: Edge
    gate: Gate
    model: JunctionModel
    path: Path

    async def mint(self, patient: str) -> str:
        """A token of theirs, linked to an Oura."""
        answer = await self.edge.ask(request("link/token", patient, b'{"provider": "oura"}'))
        assert answer.status == 201
        token: str = answer.json["link_token"]
        self.model.link(token, Slug("oura"))
        return token

    def reads(self) -> int:
        """How often Junction was asked what is connected."""
        return self.model.reads


def request(path: str, patient: str, body: bytes, *headers: bytes) -> bytes:
    head = (
        b"POST /v1/wearables/%b HTTP/1.1" % path.encode(),
        b"Host: a",
        b"Authorization: Bearer staging.%b" % patient.encode(),
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        b"Connection: close",
        *headers,
        b"",
        b"",
    )
    return b"\r\n".join(head) + body


def exchange(patient: str, token: str, *headers: bytes) -> bytes:
    return request("link/exchange", patient, b'{"link_token": "%b"}' % token.encode(), *headers)


@asynccontextmanager
async def a_junction() -> AsyncIterator[tuple[Gate, JunctionModel, str]]:
    model = JunctionModel(clock=SystemClock(), journal=InMemoryJournal())
    gate = Gate(create_simulator(model, link_page="http://127.0.0.1/link"))
    async with edge(gate) as served:
        yield gate, model, "http://{}:{}".format(*served.address)


@asynccontextmanager
async def linking(path: Path) -> AsyncIterator[Linking]:
    """The service over the file at `path`, and a Junction that knows nobody."""
    async with a_junction() as (gate, model, url), the_service(path, url) as server:
        yield Linking(server, gate, model, path)


@asynccontextmanager
async def the_service(path: Path, junction_url: str) -> AsyncIterator[Edge]:
    environ = {"DATABASE_URL": f"sqlite:///{path}", "JUNCTION_BASE_URL": junction_url}
    container = create_container(load_settings(environ, staging=True, public_url=""))
    container.prepare_storage()
    async with edge(create_app(container)) as server:
        yield server
