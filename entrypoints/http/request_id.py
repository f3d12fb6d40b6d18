"""Each request has a name, and a trace it belongs to: given by the caller, or made here."""

import os
import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ports.tracing import TRACE, Trace

_HEADER: Final = b"x-request-id"
_WELL_FORMED: Final = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")

# W3C Trace Context, 3.2: zeros only are no name, version ff is none, and a later one may say more.
_IDS: Final = rb"-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
_TRACEPARENT: Final = re.compile(rb"00" + _IDS + rb"|(?!00|ff)[0-9a-f]{2}" + _IDS + rb"(-.*)?")


class RequestIds:
    """Puts the name on every answer. Outermost, so that the answer to a defect bears it too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        new_id = os.urandom(16).hex()
        request_id = _only(scope, _HEADER, _WELL_FORMED) or new_id.encode()
        scope.setdefault("state", {})["request_id"] = request_id.decode()
        TRACE.set(_trace(scope) or Trace(new_id, "01"))

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id)]
            await send(message)

        await self._app(scope, receive, named)


def _trace(scope: Scope) -> Trace | None:
    header = _only(scope, b"traceparent", _TRACEPARENT)
    if header is None:
        return None
    _, trace_id, parent, flags, *_ = header.decode().split("-")
    return Trace(trace_id, flags, parent)


def _only(scope: Scope, name: bytes, form: re.Pattern[bytes]) -> bytes | None:
    """The value of a header that was sent once and is well formed."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0] if len(values) == 1 and form.fullmatch(values[0]) else None
