"""The HTTP server: what it says when it is up, and how it stops (docs/adr/0009)."""

import asyncio
import gc
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from entrypoints.http.protocol import BoundedHttpProtocol

if sys.platform != "win32":
    import resource

UNFINISHED: Final = 4
"""Exit code of a server that left before all was done: told twice, out of time, or it failed."""

_SETTLE: Final = 0.05  # seconds: what the system has for us by now is taken first


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """Whom to tell at once that the server stops, and how many seconds each step may take.

    `tell` is called in a signal's handler, and may be called twice.
    """

    tell: Callable[[], None] = lambda: None
    requests: float = 10.0
    """For requests in flight to be answered; the others are cut off."""
    goodbyes: float = 3.0
    """For clients to take their last answer. A connection lingers for two."""
    flush: float = 10.0
    """For storage and the history to be written."""

    @property
    def seconds(self) -> float:
        return self.requests + self.goodbyes + self.flush


class Server(uvicorn.Server):
    """uvicorn's, which stops in an order that loses no answer."""

    def __init__(
        self, config: uvicorn.Config, *, greeting: str | None, stopping: Stopping
    ) -> None:
        super().__init__(config)
        self._greeting = greeting
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say `greeting` on standard output once requests can be sent."""
        await super().startup(sockets)
        _collect_less_often()
        if self._greeting and not self.should_exit:
            print(self._greeting, flush=True)  # noqa: T201  (a command talking to its user)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  (uvicorn's)
        """At the first signal stop, at the second leave at once.

        uvicorn would raise the first again in the end, and so end with its code and not with 0.
        """
        if self.should_exit:
            os._exit(UNFINISHED)
        self.should_exit = True
        self._stopping.tell()
        # A thread, as what hangs may be the loop itself.
        leaving = threading.Timer(self._stopping.seconds, os._exit, (UNFINISHED,))
        leaving.daemon = True
        leaving.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.tell()
        await self._finish_requests()
        await self._close(sockets or [])
        await self.lifespan.shutdown()

    async def _finish_requests(self) -> None:
        """Wait for those that were let in. What has come since is refused, and not waited for."""
        requests = set(self.server_state.tasks)
        if not requests:
            return
        _, late = await asyncio.wait(requests, timeout=self._stopping.requests)
        for request in late:
            request.cancel()

    async def _close(self, sockets: list[socket.socket]) -> None:
        """Close what listens, then who is idle; what has come until then is heard and answered."""
        await asyncio.sleep(_SETTLE)
        for server in self.servers:
            server.close()
        for listener in sockets:
            listener.close()
        await asyncio.sleep(_SETTLE)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._stopping.goodbyes):
                await self._until_all_have_left()

    async def _until_all_have_left(self) -> None:
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110  (uvicorn keeps sets, no event)
            await asyncio.sleep(0.01)


def serve(
    app: ASGIApp,
    *,
    listeners: list[socket.socket],
    greeting: str | None,
    stopping: Stopping = Stopping(),
) -> None:
    """Serve until told to stop; then exit, unless all is done."""
    _open_as_many_files_as_allowed()
    config = uvicorn.Config(
        app,
        access_log=False,
        http=BoundedHttpProtocol,
        lifespan="on",  # else one that fails at the end would pass for one that knows no end
        log_config=None,  # see `log`
        proxy_headers=False,  # nothing here asks who the client is
        server_header=False,
    )
    server = Server(config, greeting=greeting, stopping=stopping)
    server.run(sockets=listeners)
    if server.lifespan.should_exit:
        sys.exit(UNFINISHED)


def _collect_less_often() -> None:
    """What start-up made stays, and is not looked through again and again.

    A hundred requests in flight hold more than the 700 young objects after which Python collects:
    it would find them all alive, soon call them old, and look through everything. Measured at 64
    in flight: a quarter of all time (docs/adr/0016).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


def _open_as_many_files_as_allowed() -> None:
    """A connection is a file, and 1,024 are allowed until somebody asks for more.

    Past that libuv accepts a connection only to close it, and the client sees a reset.
    """
    if sys.platform == "win32":
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError):  # macOS: "no limit" is more than there may be
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
