"""Closing a connection so that the client reads its last answer."""

import asyncio
from collections.abc import Callable


class PoliteTransport(asyncio.Transport):
    """A transport whose `close` asks its protocol how.

    uvicorn closes from many places. A socket closed with bytes unread resets the connection, and
    the client may lose the answer that it was just sent.

    What is written in one turn of the event loop is sent together: uvicorn writes the head of an
    answer and its body, and each would be a packet and a system call.
    """

    def __init__(
        self, raw: asyncio.Transport, close: Callable[[], None], *, unread_seconds: float
    ) -> None:
        super().__init__()
        self._raw = raw
        self._close = close
        self._unread_seconds = unread_seconds
        self._lingering = False
        self._unsent: list[bytes | bytearray | memoryview] = []
        self._loop = asyncio.get_running_loop()

    def linger(self, protocol: asyncio.Protocol, *, seconds: float, room: int) -> None:
        """Send nothing more, and read up to `room` bytes for up to `seconds`, to nobody."""
        self.flush()
        self._lingering = True
        self._raw.set_protocol(_Draining(self._raw, protocol, seconds=seconds, room=room))
        self._raw.write_eof()
        self._raw.resume_reading()

    def close_now(self) -> None:
        """Once all is sent; but a client that reads nothing is not waited for."""
        self.flush()
        self._raw.close()
        if self._raw.get_write_buffer_size():
            self._loop.call_later(self._unread_seconds, self._raw.abort)

    def abort(self) -> None:
        self._raw.abort()

    def close(self) -> None:
        if not self.is_closing():
            self._close()

    def is_closing(self) -> bool:
        return self._lingering or self._raw.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self._lingering:
            return
        if not self._unsent:
            self._loop.call_soon(self.flush)
        self._unsent.append(data)

    def flush(self) -> None:
        data = b"".join(self._unsent)
        self._unsent.clear()
        if data and not self._raw.is_closing():  # the client may have left meanwhile
            self._raw.write(data)

    def pause_reading(self) -> None:
        if not self._lingering:
            self._raw.pause_reading()

    def resume_reading(self) -> None:
        if not self._lingering:
            self._raw.resume_reading()

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._raw.get_extra_info(name, default)


class _Draining(asyncio.Protocol):
    """Reads to nobody until the client leaves, or time is up; `protocol` hears of the end only."""

    def __init__(
        self, raw: asyncio.Transport, protocol: asyncio.Protocol, *, seconds: float, room: int
    ) -> None:
        self._raw = raw
        self._protocol = protocol
        self._room = room
        # Not `close`: that would wait for a client that reads nothing.
        self._end = asyncio.get_running_loop().call_later(seconds, raw.abort)

    def data_received(self, data: bytes) -> None:
        self._room -= len(data)
        if self._room <= 0:
            self._raw.pause_reading()

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        self._protocol.connection_lost(exc)
