"""Where a request is let in or sent away, before anything is asked or read on its behalf."""

from asyncio import CancelledError
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import LinkingError
from entrypoints.admission import Admission
from entrypoints.http import docs, errors
from entrypoints.http.failures import RequestError, ShuttingDown

# Who watches the service asks when it is overloaded, and when it stops: then above all. And who
# reads about it, slowly perhaps, takes no patient's place.
EXEMPT: Final = frozenset(
    {
        *("/livez", "/readyz", "/metrics", "/openapi.json", docs.PATH),
        *(f"{docs.PATH}/{name}" for name in docs.ASSETS),
    }
)


class Gate:
    """It stands inside of what names, logs and opens answers to web pages: refusals are answers.

    A place is kept until the application is done, though the client may have left: what is
    counted is work.
    """

    def __init__(self, app: ASGIApp, admission: Admission) -> None:
        self._app = app
        self._admission = admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in EXEMPT:
            await self._app(scope, receive, send)
            return
        try:
            self._admission.enter()
        except RequestError as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        answered = False

        async def seen(message: Message) -> None:
            nonlocal answered
            if not answered and self._admission.is_closed:
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            answered = True
            await send(message)

        try:
            await self._app(scope, receive, seen)
        except CancelledError:
            # A server that stops has run out of time for this one. As a timeout does, what is
            # cancelled for a reason of ours becomes an error of ours; else it is not ours to take.
            if answered or not self._admission.is_closed:
                raise
            await _refuse(ShuttingDown(), scope, receive, send)
        finally:
            self._admission.leave()


async def _refuse(failure: LinkingError, scope: Scope, receive: Receive, send: Send) -> None:
    scope["state"]["failure"] = failure
    await errors.answer(failure)(scope, receive, send)
