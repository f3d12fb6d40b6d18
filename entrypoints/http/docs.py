"""The API document as a page on which to read and try it: Swagger UI, from where it is installed.

Nothing of it is loaded before somebody asks. It asks nobody but this service (docs/adr/0019).
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from entrypoints.http.failures import RouteNotFound
from entrypoints.http.state import State

PATH: Final = "/docs"
SWAGGER_UI: Final = "flask_swagger_ui"
"""The package with its files, of which only those are used: it is never imported."""

_OURS: Final = Path(__file__).parent

# What is served, and nothing else: a name is looked up here and never made into a path.
ASSETS: Final = {
    "docs.js": "text/javascript",
    "favicon-32x32.png": "image/png",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}

# Images `data:` are the icons inside of Swagger UI's stylesheet.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
_OF_A_PAGE: Final = {
    **_HEADERS,
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
}

# Addresses are relative, so that a proxy may put all of it under a prefix. The <main> of the page
# is Swagger UI's own.
_HEAD: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Wearable Link API</title>
"""
_PAGE: Final = (
    _HEAD
    + """<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/docs.js"></script>
</html>
"""
)
_PAGE_WITHOUT: Final = (
    _HEAD
    + """<main>
<h1>Wearable Link API</h1>
<p>The document is at <a href="openapi.json">/openapi.json</a>.
<p>This page shows it, to be tried, where Swagger UI is installed beside the service:
<pre>pip install --require-hashes --no-deps -r requirements/docs.txt</pre>
</main>
</html>
"""
)

_conditions: Final = StaticFiles(check_dir=False)


async def docs_page(_: Request[State]) -> Response:
    return HTMLResponse(_PAGE if _installed() else _PAGE_WITHOUT, headers=_OF_A_PAGE)


async def docs_asset(request: Request[State]) -> Response:
    """Raises RouteNotFound: it is no part of the page, or Swagger UI is not installed."""
    name = request.path_params["name"]
    folder = _OURS if name == "docs.js" else _installed()
    if name not in ASSETS or folder is None:
        raise RouteNotFound
    path = folder / name
    response = FileResponse(
        path, media_type=ASSETS[name], headers=_HEADERS, stat_result=path.stat()
    )
    if _conditions.is_not_modified(response.headers, request.headers):
        return NotModifiedResponse(response.headers)
    return response


def _installed() -> Path | None:
    """The folder of Swagger UI's files; to find a package is not to import it."""
    package = find_spec(SWAGGER_UI)
    if package is None or not package.submodule_search_locations:
        return None
    return Path(package.submodule_search_locations[0]) / "dist"
