"""The service behind the server that runs it, to be stopped in the middle of a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from entrypoints.admission import Admission
from entrypoints.container import Container
from entrypoints.http.app import create_app
from entrypoints.http.protocol import BoundedHttpProtocol
from entrypoints.server import Server, Stopping
from tests.http.edge import Edge, tcp_socket
from tests.servers import started

EVER: Final = 3600.0


@dataclass(frozen=True)
class Stoppable(Edge):
    told: asyncio.Event

    async def stop(self) -> None:
        """As a signal does, and wait until the application has been told."""
        self.server.should_exit = True
        await self.told.wait()


def service(
    container: Container, *, requests: float = EVER, goodbyes: float = 5.0
) -> AbstractAsyncContextManager[Stoppable]:
    return stoppable(
        create_app(container), container.admission(), requests=requests, goodbyes=goodbyes
    )


@asynccontextmanager
async def stoppable(
    app: ASGIApp,
    admission: Admission | None = None,
    *,
    requests: float = EVER,
    goodbyes: float = 5.0,
    meanwhile: Callable[[], None] = lambda: None,
) -> AsyncIterator[Stoppable]:
    """Stopped at the end, if not before; `meanwhile` happens as soon as it is told to."""
    told = asyncio.Event()

    def tell() -> None:
        meanwhile()
        if admission is not None:
            admission.close()
        told.set()

    with tcp_socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            http=BoundedHttpProtocol,
            access_log=False,
            log_config=None,
            server_header=False,
        )
        stopping = Stopping(tell=tell, requests=requests, goodbyes=goodbyes)
        server = Server(config, greeting="up", stopping=stopping)
        async with started(server, listener):
            yield Stoppable(listener.getsockname(), server, told)
