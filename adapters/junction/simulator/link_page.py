"""The page in place of Junction's Link widget: the same token, the same redirect.

Junction sends the browser back with `state=success`, or with `state=error`, `error_type` and
`error` (Junction docs, wearables/connecting-providers/launching_link).
"""

from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.junction.journal import TokenMinted
from adapters.junction.model import JunctionModel, LinkTokenUnusable
from domain.provider import Provider, Slug, slugs_to_link

_LINKABLE: Final = tuple(
    slug
    for provider in Provider
    if provider is not Provider.APPLE_HEALTH_KIT
    for slug in slugs_to_link(provider)
)

# As people write them, where that is not the slug with spaces; two ways to one are told apart.
_NAMES: Final = {
    "abbott_libreview": "FreeStyle Libre through LibreView",
    "dexcom": "Dexcom, by its older API",
    "dexcom_v3": "Dexcom",
    "freestyle_libre": "FreeStyle Libre",
    "freestyle_libre_ble": "FreeStyle Libre through Bluetooth",
    "whoop": "WHOOP, by its older API",
    "whoop_v2": "WHOOP",
}

# `form-action` is left out on purpose: browsers apply it to the redirect after the form too.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
<main>
<h1>{title}</h1>
{content}
</main>
</html>
"""


# In the look of staging's front page (entrypoints/staging), which leads here and back.
_STYLE: Final = Path(__file__).with_name("link_page.css").read_text(encoding="utf-8")


def link_url(link_page: str, token: str) -> str:
    """Where a browser opens Link with this token."""
    return f"{link_page}?{urlencode({'token': token})}"


class LinkPage:
    def __init__(self, model: JunctionModel) -> None:
        self._model = model

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/link", self._show, methods=["GET"]),
            Route("/link", self._choose, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        token = request.query_params.get("token", "")
        try:
            minted = self._model.open_token(token)
        except LinkTokenUnusable as error:
            return _refusal(request, error.error_type, error.redirect_url)
        return _page("Connect a wearable", _form(minted))

    async def _choose(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode(errors="replace"))
        token = form.get("token", [""])[0]
        choice = form.get("choice", [""])[0]
        try:
            minted = self._model.open_token(token)
        except LinkTokenUnusable as error:
            return _refusal(request, error.error_type, error.redirect_url)
        if choice == "cancel":
            return _leave(minted, _error("user_cancelled", "The user closed Link."))
        if choice == "fail":
            return _leave(minted, _error("provider_api_error", "The provider gave up."))
        if choice not in _offered(minted):
            return _refusal(request, "no such provider", minted.redirect_url)
        self._model.link(token, Slug(choice))
        return _leave(minted, {"state": "success"})


def _offered(minted: TokenMinted) -> tuple[Slug, ...]:
    return minted.slugs or _LINKABLE


def _form(minted: TokenMinted) -> str:
    choices: list[tuple[str, str]] = [
        (slug, f"Connect {_NAMES.get(slug, slug.replace('_', ' ').title())}")
        for slug in _offered(minted)
    ]
    choices += [("fail", "Let the provider fail"), ("cancel", "Cancel")]
    buttons = "\n".join(
        f'<button name="choice" value="{escape(value)}">{escape(label)}</button>'
        for value, label in choices
    )
    return (
        "<p>This page stands in for Junction Link: nobody signs in, and the press of a button is "
        "what a patient would do.</p>\n"
        f'<form method="post" action="link">\n'
        f'<input type="hidden" name="token" value="{escape(minted.token)}">\n'
        f"{buttons}\n</form>"
    )


def _refusal(request: Request, reason: str, redirect_url: str | None) -> Response:
    """Why it does not open, with a way back: where the token led, else staging's front page.

    That page is there where the simulator is mounted below it; served by itself it has none.
    """
    content = _paragraph(reason)
    back = redirect_url or ("../" if request.scope.get("root_path") else None)
    if back:
        content += f'\n<p><a href="{escape(back)}">Back to where you came from</a></p>'
    return _page("This link does not work", content, 400)


def _leave(minted: TokenMinted, result: dict[str, str]) -> Response:
    """Back to where the token said, or a last word where it said nothing."""
    if minted.redirect_url is None:
        return _page("You can close this window", _paragraph(f"state={result['state']}"))
    parts = urlsplit(minted.redirect_url)
    query = "&".join(filter(None, (parts.query, urlencode(result))))
    # Junction answers 307, but to a GET of its own; after our form that would post again.
    return RedirectResponse(urlunsplit(parts._replace(query=query)), 303, headers=_HEADERS)


def _error(error_type: str, message: str) -> dict[str, str]:
    return {"state": "error", "error_type": error_type, "error": message}


def _paragraph(text: str) -> str:
    return f'<p role="status">{escape(text)}</p>'


def _page(title: str, content: str, status: int = 200) -> Response:
    body = _PAGE.format(title=escape(title), style=_STYLE, content=content)
    return HTMLResponse(body, status, headers=_HEADERS)
