"""Staging's front page: the whole way to a connection, in a browser.

Its files lie beside this module and are sent as they are, but for the page, which is told whether
Junction is simulated in this process. Nothing of it exists outside staging.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ASSETS: Final = "/staging"

_FILES: Final = {
    "style.css": "text/css",
    "page.js": "text/javascript",
    "advice.js": "text/javascript",
    "connections.js": "text/javascript",
    "elements.js": "text/javascript",
    "journey.js": "text/javascript",
    "requests.js": "text/javascript",
    "sent.js": "text/javascript",
    "session.js": "text/javascript",
    "watch.js": "text/javascript",
}

# The page holds link tokens and what Junction says: it runs what is served here, and tells nobody.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Endpoint = Callable[[Request[Any]], Awaitable[Response]]


def staging_routes(junction_base_url: str | None) -> list[Route]:
    """The page and its files; no address means that Junction is simulated in this process."""
    return [
        Route("/", _page(junction_base_url), methods=["GET"]),
        *(
            Route(f"{ASSETS}/{name}", _file(name, media_type), methods=["GET"])
            for name, media_type in _FILES.items()
        ),
    ]


def _page(junction_base_url: str | None) -> Endpoint:
    async def page(_: Request[Any]) -> Response:
        text = Template(_text("page.html")).substitute(
            junction="real" if junction_base_url else "simulated",
            address=escape(junction_base_url or ""),
        )
        return Response(text, media_type="text/html", headers=_HEADERS)

    return page


def _file(name: str, media_type: str) -> Endpoint:
    async def file(_: Request[Any]) -> Response:
        return Response(_text(name), media_type=media_type, headers=_HEADERS)

    return file


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
