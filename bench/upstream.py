"""Junction as the measurements need it: the same answer to everybody, at once or after a delay.

It has to be quicker than whoever asks it, so it reads no more of a request than where it ends.
"""

import argparse
import asyncio
from functools import partial
from typing import Final

import msgspec
import uvloop

SLUG: Final = "oura"
CREATED_ON: Final = "2099-01-01T09:30:00+00:00"
LISTED: Final = {"fitbit": "error", SLUG: "connected", "garmin": "paused"}

_END: Final = b"\r\n\r\n"


def _row(slug: str, status: str) -> dict[str, object]:
    """As Junction's OpenAPI has `ClientFacingProviderWithStatus`; half a kilobyte of it."""
    return {
        "name": slug.title(),
        "slug": slug,
        "logo": f"https://storage.example.com/logos/{slug}/{'a' * 96}.png",
        "created_on": CREATED_ON,
        "status": status,
        "external_user_id": f"{slug}-8f14e45fceea167a5a36dedd4bea2543",
        "error_details": None,
        "resource_availability": {
            name: {"status": "available", "scope_requirements": None}
            for name in ("activity", "body", "sleep")
        },
    }


_BODY: Final = msgspec.json.encode(
    {"providers": [_row(slug, status) for slug, status in LISTED.items()]}
)
ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    % (len(_BODY), _BODY)
)


class Upstream(asyncio.Protocol):
    """A connection on which one request follows the answer to the one before."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._unread = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # asyncio says BaseTransport
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if not self._unread.endswith(_END):
            return
        self._unread = b""
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, ANSWER)
        else:
            self._transport.write(ANSWER)


async def _serve(port: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(Upstream, delay), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--delay", default=0.0, type=float, help="seconds")
    options = parser.parse_args()
    uvloop.run(_serve(options.port, options.delay))


if __name__ == "__main__":
    main()
