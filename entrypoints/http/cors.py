"""Which pages a browser lets talk to this API (Fetch standard, 3.2, the CORS protocol)."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from domain.errors import ValidationError
from entrypoints.http import errors
from entrypoints.http.routes import ROUTES


class Cors(CORSMiddleware):
    """Lets pages of `origins` in, without credentials of the browser's own: there are none here.

    It stands outside of what answers for a defect, so that a page can read that answer too.
    """

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=sorted({method for route in ROUTES for method in route.methods or ()}),
            allow_headers=("Authorization", "Idempotency-Key", "X-Request-Id", "Traceparent"),
            expose_headers=("Retry-After", "WWW-Authenticate", "X-Request-Id"),
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """In words of ours where it is a refusal, as those of every other error."""
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        refusal = errors.answer(ValidationError("Origin", "its pages may not send this request"))
        refusal.headers.update(
            {
                name: value
                for name, value in response.headers.items()
                if name not in refusal.headers
            }
        )
        return refusal
