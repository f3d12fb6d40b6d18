"""uvicorn's HTTP protocol, with an end to what a request may take: bytes and time.

It leans on uvicorn's insides, which is why uvicorn is pinned to a minor (docs/adr/0006).
"""

import asyncio
import sys
from typing import ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from domain.errors import LinkingError, ValidationError
from entrypoints.http.awaited import Awaited
from entrypoints.http.deadline import Deadline
from entrypoints.http.failures import (
    HeadersTooLarge,
    PayloadTooLarge,
    RequestTimeout,
    ShuttingDown,
)
from entrypoints.http.limits import Limits
from entrypoints.http.lingering import PoliteTransport
from entrypoints.http.malformed import malformed
from entrypoints.http.refusal import refusal


class BoundedHttpProtocol(HttpToolsProtocol):
    """Refuses in the body of every other error, never before an answer that is still due."""

    limits: ClassVar[Limits] = Limits()
    transport: PoliteTransport
    _awaited = Awaited.REQUEST
    _refused = False
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # asyncio says BaseTransport
        polite = PoliteTransport(transport, self._close, unread_seconds=self.limits.unread_seconds)
        super().connection_made(polite)
        self._left = self.limits.header_bytes
        self._deadline = Deadline(
            self.loop,
            lambda: self._refuse(RequestTimeout()),
            shortest=self.limits.header_seconds,
        )
        self._deadline.start()
        self._idle = Deadline(
            self.loop, self.timeout_keep_alive_handler, shortest=self.timeout_keep_alive
        )

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        self._idle.cancel()
        self._stop_waiting_to_be_read()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(self.limits.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_waiting_to_be_read()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if not self._refused and not self._deadline.is_set:
            self._deadline.start()
        while data and not self._refused:
            # In pieces, so that a head which begins within one is soon counted too.
            size = min(self._left, self.limits.header_bytes)
            piece, data = (data, b"") if len(data) <= size else (data[:size], data[size:])
            self._left -= len(piece)
            self._feed(piece)
            if self._left <= 0 and not self._refused:
                self._overflow()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._awaited = Awaited.REST_OF_HEAD
        if not self._deadline.is_set:
            self._deadline.start()

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        super().on_headers_complete()
        self._awaited = Awaited.REST_OF_BODY
        self._left = self.limits.body_bytes
        self._deadline.extend(self.limits.request_seconds - self.limits.header_seconds)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._awaited = Awaited.REQUEST
        self._left = self.limits.header_bytes
        self._deadline.clear()

    def on_response_complete(self) -> None:
        """uvicorn's, but that what was written leaves at once, and idling costs no timer."""
        self.transport.flush()
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif not self._deadline.is_set:  # else that governs the request that is coming
            self._idle.start()

    def shutdown(self) -> None:
        """Close, as the server stops. Who is in the middle of a request is told."""
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr]  # None until the first request
            self.cycle.keep_alive = False
        elif self._awaited is Awaited.REQUEST:
            self.transport.close_now()
        else:
            self._refuse(ShuttingDown())

    def _unset_keepalive_if_required(self) -> None:
        self._idle.clear()

    def _feed(self, data: bytes) -> None:
        while data and not self._refused:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_upgrade() + data[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                self._refuse(malformed(error))
            else:
                return

    def _without_upgrade(self) -> bytes:
        """The head again as if it had not asked, for a new parser: httptools loses the body."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(ValidationError("request", "CONNECT is for proxies"))
            return b""
        head = [b"%b %b HTTP/%b\r\n" % (method, self.url, self.parser.get_http_version().encode())]
        head += [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        return b"".join((*head, b"\r\n"))

    def _overflow(self) -> None:
        if self._awaited is not Awaited.REST_OF_BODY:
            self._refuse(HeadersTooLarge())
        elif self.cycle.response_complete:
            self._linger(seconds=self._deadline.left, room=sys.maxsize)
        else:
            self._refuse(PayloadTooLarge())

    def _refuse(self, error: LinkingError) -> None:
        """Answer with `error` in its turn, end the connection with it, and read no further."""
        self._refused = True
        waits = self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]  # None until the first request
        if self._awaited is Awaited.REQUEST:
            super().on_message_begin()
        elif self._awaited is Awaited.REST_OF_BODY and self.pipeline:
            self.pipeline.popleft()
        elif self._awaited is Awaited.REST_OF_BODY:
            waits = False
            # The application hears that the client left, and what it sends goes nowhere.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.close()
                return
        if self.flow.write_paused and not waits:  # a client that reads nothing reads no refusal
            self.transport.close()
            return
        self._deadline.clear()
        self._answer(error, waits=waits)

    def _answer(self, error: LinkingError, *, waits: bool) -> None:
        self.cycle, app = refusal(self, error)
        if waits:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, app))
        else:
            self._start_asgi_task(self.cycle, app)

    def _stop_waiting_to_be_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()

    def _close(self) -> None:
        """With bytes of the client's still to come, so that it can read before they bounce."""
        if self._refused or self._deadline.is_set or self.flow.read_paused:
            self._linger(seconds=self.limits.linger_seconds, room=self.limits.linger_bytes)
        else:
            self.transport.close_now()

    def _linger(self, *, seconds: float, room: int) -> None:
        self._refused = True
        self._deadline.cancel()
        self.transport.linger(self, seconds=seconds, room=room)
