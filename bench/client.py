"""A client's connection: one request after the other, and what came of each."""

import asyncio
from typing import Final, Protocol

_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "


class Asker(Protocol):
    """Who asks by connections, and hears of them."""

    def answered(self, connection: "Connection", status: bytes, body: bytes) -> None: ...

    def lost(self, connection: "Connection") -> None:
        """It ended before its answer was there."""
        ...


class Connection(asyncio.Protocol):
    """`n` is the question that is asked, `asked_at` the time, in seconds, it is counted from."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._data = b""
        self._needed = 0
        self._is_asking = False
        self._transport: asyncio.Transport
        self.n = 0
        self.asked_at = 0.0

    @property
    def is_closed(self) -> bool:
        return self._transport.is_closing()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # asyncio says BaseTransport
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  (asyncio's)
        if self._is_asking:
            self._is_asking = False
            self._asker.lost(self)

    def ask(self, n: int, request: bytes, *, at: float) -> None:
        self.n, self.asked_at, self._is_asking = n, at, True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data = data = self._data + data if self._data else data
        if not self._needed:
            head = data.find(_END)
            if head < 0:
                return
            self._needed = head + len(_END) + _content_length(data[:head])
        if len(data) >= self._needed:
            self._data, self._needed, self._is_asking = b"", 0, False
            self._asker.answered(self, data[9:12], data[data.index(_END) + len(_END) :])

    def close(self) -> None:
        self._transport.abort()


async def connect(port: int, asker: Asker) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(
        lambda: Connection(asker), "127.0.0.1", port
    )
    return connection


def _content_length(head: bytes) -> int:
    head = head.lower()
    at = head.find(_LENGTH)
    if at < 0:
        return 0
    value, _, _ = head[at + len(_LENGTH) :].partition(b"\r\n")
    return int(value)
