"""The HTTP server, and what it says when it is up."""

import socket

import uvicorn
from starlette.types import ASGIApp

from entrypoints.http.protocol import BoundedHttpProtocol


class Server(uvicorn.Server):
    """Says `greeting` on standard output once requests can be sent."""

    def __init__(self, config: uvicorn.Config, *, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._greeting, flush=True)  # noqa: T201  (a command talking to its user)


def serve(app: ASGIApp, *, host: str, port: int, greeting: str) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        http=BoundedHttpProtocol,
        log_config=None,  # see `log`
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    Server(config, greeting=greeting).run()
