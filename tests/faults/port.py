"""A port of this machine that can be served, refused, or left hanging."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from tests.adapters.upstream import Behaviour

_HOST: Final = "127.0.0.1"
_FILLERS: Final = 4


class Port:
    """It stays ours while nobody listens at it: whoever connects then is refused."""

    def __init__(self) -> None:
        self._held = _bound(0)
        self.number: int = self._held.getsockname()[1]
        self._stop_listening: Callable[[], None] | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> None:
        """Let `behaviour` have each connection from now on, and close it after that."""

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._serving.add(asyncio.create_task(_serve(behaviour, reader, writer)))

        self.refuse()
        server = await asyncio.start_server(accept, sock=_bound(self.number), ssl=tls)
        self._stop_listening = server.close

    def refuse(self) -> None:
        if self._stop_listening is not None:
            self._stop_listening()
        self._stop_listening = None

    async def leave_hanging(self) -> None:
        """Listen with a queue that is full: the system drops who else would connect."""
        self.refuse()
        sockets = [_bound(self.number), *(socket.socket() for _ in range(_FILLERS))]
        listener, *fillers = sockets
        listener.listen(0)
        for filler in fillers:
            filler.setblocking(False)  # noqa: FBT003
            filler.connect_ex((_HOST, self.number))
        self._stop_listening = lambda: _close(sockets)

    async def idle(self) -> None:
        """Wait until every connection was let go of, on both sides."""
        await asyncio.gather(*self._serving)

    async def close(self) -> None:
        self.refuse()
        self._held.close()
        await self.idle()


async def _serve(
    behaviour: Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    # A client that has heard enough may be gone before all is said.
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await behaviour(reader, writer)
    writer.close()
    with suppress(ConnectionError, ssl.SSLError):
        await writer.wait_closed()


def _bound(port: int) -> socket.socket:
    """Several may be bound to the same port, and the system asks those that listen."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((_HOST, port))
    return bound


def _close(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()
