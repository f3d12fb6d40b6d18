"""Each request has a name of its own, which comes in or is given, and goes out on every answer."""

import re
import uuid
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER: Final = b"x-request-id"
_WELL_FORMED: Final = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class RequestIds:
    """Outermost, so that the answer to a defect bears the name too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or uuid.uuid4().hex.encode()
        scope.setdefault("state", {})["request_id"] = request_id.decode()

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_HEADER, request_id)]
            await send(message)

        await self._app(scope, receive, named)


def _given(scope: Scope) -> bytes | None:
    """The caller's own name for the request, if it gave exactly one and it is harmless."""
    names = [value for name, value in scope["headers"] if name == _HEADER]
    return names[0] if len(names) == 1 and _WELL_FORMED.fullmatch(names[0]) else None
