"""An OAuth authorization server, as far as introspection goes (RFC 7662)."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, unquote_plus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers import serving

CLIENT_ID: Final = "wearable link"
CLIENT_SECRET: Final = "s3cret: 100%"


@dataclass
class Authority:
    """`tokens` are those it knows, with what it says of each; `asked` those it was asked about.

    Once `broken` it says nothing that could be used.
    """

    tokens: dict[str, dict[str, object]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def introspect(self, request: Request) -> Response:
        if not _is_ours(request.headers.get("authorization", "")):
            return JSONResponse({"error": "invalid_client"}, 401)
        if request.headers["content-type"] != "application/x-www-form-urlencoded":
            return JSONResponse({"error": "invalid_request"}, 400)
        form = parse_qs((await request.body()).decode(), keep_blank_values=True)
        [token] = form["token"]
        assert form["token_type_hint"] == ["access_token"]
        self.asked.append(token)
        if self.broken.is_set():
            return JSONResponse({}, 500)
        return JSONResponse(self.tokens.get(token, {"active": False}))


@asynccontextmanager
async def an_authority() -> AsyncIterator[Authority]:
    authority = Authority()
    app = Starlette(routes=[Route("/introspect", authority.introspect, methods=["POST"])])
    async with serving(app) as url:
        authority.url = f"{url}/introspect"
        yield authority


def _is_ours(authorization: str) -> bool:
    """RFC 6749, 2.3.1: both are form-encoded before they are joined."""
    scheme, _, encoded = authorization.partition(" ")
    client_id, _, secret = b64decode(encoded).decode().partition(":")
    sent = scheme, unquote_plus(client_id), unquote_plus(secret)
    return sent == ("Basic", CLIENT_ID, CLIENT_SECRET)
