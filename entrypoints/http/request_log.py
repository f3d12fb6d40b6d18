"""A line for each request: what was asked, how it ended, and why where that is ours to mend.

It is counted here too, for the line knows all that there is to count.
"""

from time import perf_counter
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import LinkingError
from entrypoints.http.failures import InternalError
from entrypoints.http.request_figures import RequestFigures

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})


class RequestLog:
    """It stands outside of what answers for a defect, and takes that once it is written down."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log: Any = structlog.get_logger().bind()  # once: to bind costs as much as to write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            await send(message)
            status = message.get("status", status)

        try:
            await self._app(scope, receive, seen)
        except Exception:
            if not (status and isinstance(scope["state"].get("failure"), InternalError)):
                raise  # nobody has answered for it
        self._write(scope, status, (perf_counter() - began) * 1000)

    def _write(self, scope: Scope, status: int, milliseconds: float) -> None:
        failure: LinkingError | None = scope["state"].get("failure")
        path = getattr(scope.get("route"), "path", None)
        method = scope["method"] if scope["method"] in METHODS else "another"
        figures: RequestFigures | None = scope["state"].get("request_figures")
        if figures:
            figures.count((path, method, status), milliseconds / 1000)
        if failure is None and path in PROBES:
            return
        write = self._log.error if status >= 500 else self._log.info
        write(
            "request",
            request_id=scope["state"]["request_id"],
            method=method,
            route=path,
            status=status,
            error=failure.code if failure else None,
            milliseconds=round(milliseconds, 3),
            exc_info=failure if status >= 500 else None,
        )
