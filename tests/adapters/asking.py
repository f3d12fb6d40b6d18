"""Requests as Junction's customers send them."""

import msgspec

from tests.adapters.upstream import KEY
from tests.asgi import Answer, Client


async def ask(client: Client, method: str, path: str, body: object = None) -> Answer:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return await client.request(method, path, headers=[("x-vital-api-key", KEY)], body=content)
