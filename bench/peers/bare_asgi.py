"""No framework, no upstream and no storage: what the server alone takes."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]

_BODY: Final = json.dumps(
    {
        "id": "0198c1a2-7f00-7000-8000-000000000000",
        "patient_id": "patient-12345",
        "provider": "oura",
        "junction_user_id": "9d3a7a52-35ab-5c0e-8f0e-6a3d8a2c1b47",
        "status": "connected",
        "connected_at": "2026-01-01T00:00:00.000000Z",
        "last_synced_at": None,
    },
    separators=(",", ":"),
).encode()
_START: Final = {
    "type": "http.response.start",
    "status": 201,
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(_BODY)).encode()),
        (b"cache-control", b"no-store"),
    ],
}


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    if scope["type"] == "lifespan":
        for stage in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{stage}.complete"})
        return
    while (await receive()).get("more_body"):
        pass
    await send(_START)
    await send({"type": "http.response.body", "body": _BODY})
