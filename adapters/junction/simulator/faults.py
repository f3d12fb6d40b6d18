"""How the simulator fails when it is told to."""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from adapters.junction.faults import RETRY_AFTER, Fault
from adapters.junction.simulator import answers

_HANG: Final = 60.0  # seconds: longer than any caller will wait, shorter than for ever


async def fail(request: Request, fault: Fault) -> Response:
    """The answer that `fault` stands for."""
    match fault:
        case Fault.UNAVAILABLE:
            return PlainTextResponse("Internal Server Error", 500)
        case Fault.RATE_LIMITED:
            response = answers.json({"detail": "Too many requests"}, 429)
            response.headers["Retry-After"] = str(RETRY_AFTER)
            return response
        case Fault.REJECTED_CREDENTIALS:
            return answers.invalid_key()
        case Fault.GARBAGE:
            return PlainTextResponse("<html>This is not JSON", media_type="text/html")
        case Fault.SLOW:
            await _until_they_give_up(request)
            return PlainTextResponse("Gateway Timeout", 504)


async def _until_they_give_up(request: Request) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_HANG):
            while (await request.receive())["type"] != "http.disconnect":
                pass
