"""HTTP to another service, so that it decides neither how long we wait nor what memory we use."""

from collections.abc import Mapping
from typing import Final

import aiohttp
import msgspec

# Each way in which msgspec fails to read a body.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

# As many as requests may be in flight: a queue of ours must not look like their delay.
_CONNECTIONS: Final = 512


class BodyTooLarge(Exception):
    """More than was asked for."""


def open_session(headers: Mapping[str, str]) -> aiohttp.ClientSession:
    """One for each upstream; to be called in the event loop, and closed by the caller.

    No cookie is kept, since all patients share it, and no body is inflated, since a small one
    may inflate to any size. Deadlines are the adapter's: the session has none of its own.
    """
    return aiohttp.ClientSession(
        headers={"Accept": "application/json", "Accept-Encoding": "identity", **headers},
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
    )


async def read_bounded(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The whole body.

    Raises:
        BodyTooLarge: it has more than `most` bytes.

    """
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > most:
            raise BodyTooLarge
    return bytes(body)
