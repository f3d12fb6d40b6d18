"""Real servers on loopback sockets."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import uvicorn
from starlette.types import ASGIApp

S = TypeVar("S", bound=uvicorn.Server)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[str]:
    """`app` behind uvicorn, in this event loop; yields its base URL."""
    # With the protocol named asyncio sets TCP_NODELAY; without, each answer may wait for 40 ms.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,  # it would take uvicorn's loggers out of everybody's sight
            timeout_graceful_shutdown=1,
        )
        async with running(config, listener):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def running(
    config: uvicorn.Config, listener: socket.socket
) -> AsyncIterator[uvicorn.Server]:
    """A server between its start and its stop."""
    async with started(uvicorn.Server(config), listener) as server:
        yield server


@asynccontextmanager
async def started(server: S, listener: socket.socket) -> AsyncIterator[S]:
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110  (uvicorn sets a flag, no event)
        await asyncio.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        await task
