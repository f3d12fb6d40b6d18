"""Failures as answers: one table, one body, and nothing of the cause in it."""

import math
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from domain import errors, junction_errors
from entrypoints.http import failures
from entrypoints.http.codec import json
from entrypoints.http.schemas import ErrorResponse

STATUS: Final[dict[type[errors.LinkingError], int]] = {
    errors.ValidationError: 400,
    errors.LinkTokenError: 400,
    errors.IdentityError: 401,
    errors.AccessError: 403,
    errors.IdentityUnavailable: 503,
    errors.ConnectionNotFound: 404,
    errors.StillConnected: 409,
    junction_errors.JunctionError: 502,
    errors.StorageUnavailable: 503,
    errors.StorageOutdated: 503,
    failures.InvalidSignature: 401,
    failures.RouteNotFound: 404,
    failures.MethodNotAllowed: 405,
    failures.RequestTimeout: 408,
    failures.PayloadTooLarge: 413,
    failures.UnsupportedMediaType: 415,
    failures.HeadersTooLarge: 431,
    failures.InternalError: 500,
    failures.WebhooksNotConfigured: 500,
    failures.Overloaded: 503,
    failures.ShuttingDown: 503,
}

# What Starlette's router raises by number.
_ROUTING: Final[dict[int, type[failures.RequestError]]] = {
    404: failures.RouteNotFound,
    405: failures.MethodNotAllowed,
}


def status_of(error: type[errors.LinkingError]) -> int:
    """The status of an error's class, or of the nearest of its bases that has one."""
    return next(STATUS[base] for base in error.__mro__ if base in STATUS)


def answer(error: errors.LinkingError) -> Response:
    response = json(ErrorResponse(error=error.code, message=str(error)), status_of(type(error)))
    if challenge := _challenge(error):
        response.headers["WWW-Authenticate"] = challenge
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    if isinstance(error, failures.ShuttingDown):  # the next try belongs to another process
        response.headers["Connection"] = "close"
    return response


def _challenge(error: errors.LinkingError) -> str | None:
    """RFC 6750, 3: no error code for those who sent no token at all.

    None for a webhook's signature, though RFC 9110, 15.5.2 wants one: it is no scheme of HTTP's,
    and there is nothing that its sender could answer.
    """
    match error:
        case errors.Unauthenticated():
            return "Bearer"
        case errors.InvalidToken():
            return 'Bearer error="invalid_token"'
        case errors.InsufficientScope(required=scope):
            return f'Bearer error="insufficient_scope", scope="{scope}"'
        case _:
            return None


async def on_linking_error(request: Request[Any], error: errors.LinkingError) -> Response:
    return _answered(request, error)


async def on_http_exception(request: Request[Any], error: HTTPException) -> Response:
    failure = _ROUTING.get(error.status_code, failures.InternalError)()
    response = _answered(request, failure)
    response.headers.update(error.headers or {})
    return response


async def on_defect(request: Request[Any], error: Exception) -> Response:
    """Whatever nobody foresaw; Starlette raises it on after this answer."""
    failure = failures.InternalError()
    failure.__cause__ = error
    return _answered(request, failure)


async def on_disconnect(_: Request[Any], __: Exception) -> Response:
    """The client left in the middle of its body: nobody reads this."""
    return Response(status_code=400)


def _answered(request: Request[Any], failure: errors.LinkingError) -> Response:
    """The answer; the failure itself is for the log."""
    request.scope["state"]["failure"] = failure
    return answer(failure)


# Starlette types every handler as one of any Exception, and gives each those of its own key.
HANDLERS: Final[dict[type[Exception], Any]] = {
    errors.LinkingError: on_linking_error,
    HTTPException: on_http_exception,
    ClientDisconnect: on_disconnect,
    Exception: on_defect,
}
