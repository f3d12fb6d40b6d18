"""The floor with what a real service switches on around it, each as cheap as can be."""

import asyncio
import re
import sys
import time
from bisect import bisect_left
from collections import Counter
from contextvars import ContextVar
from random import getrandbits
from typing import Final

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bench.peers import floor
from bench.peers.floor_store import new_id

_MOST_IN_FLIGHT: Final = 512
_MOST_BYTES: Final = 64 * 1024
_DEADLINE: Final = 20.0
_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_GIVEN_ID: Final = re.compile(rb"[0-9A-Za-z-]{1,64}")
_TRACEPARENT: Final = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")
_TRACE: ContextVar[tuple[str, str]] = ContextVar("trace")

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.JSONRenderer(serializer=lambda line, **_: msgspec.json.encode(line)),
    ],
    wrapper_class=structlog.BoundLogger,
    logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
    cache_logger_on_first_use=True,
)
_log: Final = structlog.get_logger()


class TooLarge(Exception):
    pass


class TracedJunction(floor.Junction):
    def headers(self) -> dict[str, str]:
        trace_id, flags = _TRACE.get()
        return {"traceparent": f"00-{trace_id}-{getrandbits(64):016x}-{flags}"}


class Extras:
    """Ids, traces, counts, latencies, a log line, and bounds to number, time and size."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._in_flight = 0
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._latency: Counter[int] = Counter()
        self._seconds = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = _request_id(headers)
        _TRACE.set(_trace(headers))
        status, started = 0, time.perf_counter()

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", request_id.encode()))
            await send(message)

        self._in_flight += 1
        try:
            await self._bounded(scope, receive, send_marked)
        finally:
            self._in_flight -= 1
            self._note(scope, status, time.perf_counter() - started, request_id)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/metrics":
            await _answer(send, 200, self._metrics(), b"text/plain; version=0.0.4")
            return
        if self._in_flight > _MOST_IN_FLIGHT:
            await _refuse(send, 503, "overloaded")
            return
        try:
            async with asyncio.timeout(_DEADLINE):
                await self._app(scope, _limited(receive), send)
        except TimeoutError:
            await _refuse(send, 503, "timeout")
        except TooLarge:
            await _refuse(send, 413, "payload_too_large")

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = scope.get("route")
        path = route.path if route else "unknown"
        self._requests[scope["method"], path, status] += 1
        self._latency[bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds
        _log.info(
            "request",
            request_id=request_id,
            trace_id=_TRACE.get()[0],
            method=scope["method"],
            route=path,
            status=status,
            milliseconds=round(seconds * 1000, 3),
        )

    def _metrics(self) -> bytes:
        lines = [
            f'http_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
            for (method, route, status), count in self._requests.items()
        ]
        total = 0
        for n, bound in enumerate((*_BOUNDS, "+Inf")):
            total += self._latency[n]
            lines.append(f'http_request_seconds_bucket{{le="{bound}"}} {total}')
        lines += [
            f"http_request_seconds_sum {self._seconds}",
            f"http_request_seconds_count {total}",
            f"http_requests_in_flight {self._in_flight}",
        ]
        return "\n".join([*lines, ""]).encode()


def _limited(receive: Receive) -> Receive:
    size = 0

    async def receive_limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > _MOST_BYTES:
            raise TooLarge
        return message

    return receive_limited


def _request_id(headers: dict[bytes, bytes]) -> str:
    given = headers.get(b"x-request-id", b"")
    return given.decode() if _GIVEN_ID.fullmatch(given) else new_id()


def _trace(headers: dict[bytes, bytes]) -> tuple[str, str]:
    if given := _TRACEPARENT.fullmatch(headers.get(b"traceparent", b"")):
        return given[1].decode(), given[2].decode()
    return f"{getrandbits(128):032x}", "01"


async def _refuse(send: Send, status: int, error: str) -> None:
    body = msgspec.json.encode({"error": error, "message": "Try again."})
    await _answer(send, status, body, b"application/json")


async def _answer(send: Send, status: int, body: bytes, media_type: bytes) -> None:
    headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


app = Extras(floor.build(TracedJunction))
