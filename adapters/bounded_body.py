"""The body of an answer, up to a limit: an upstream does not decide how much memory we use."""

import aiohttp


class BodyTooLarge(Exception):
    """More than was asked for."""


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
