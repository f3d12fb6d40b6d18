"""What the API document says of failures: made from the errors themselves, and their table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from domain import errors, junction_errors
from domain.errors import LinkingError
from entrypoints.http import failures, schemas
from entrypoints.http.advice import ADVICE, advice_on
from entrypoints.http.errors import answer, status_of
from entrypoints.http.openapi_objects import Json, json_of

Failure = errors.ValidationError | type[LinkingError]
"""The class of an error; or, as its message is another at each address, such an error itself."""

ANYWHERE: Final[tuple[Failure, ...]] = (
    failures.RequestTimeout,
    failures.HeadersTooLarge,
    failures.InternalError,
    failures.ShuttingDown,
)
ADMISSION: Final[tuple[Failure, ...]] = (failures.Overloaded,)
BEARER: Final[tuple[Failure, ...]] = (
    errors.Unauthenticated,
    errors.InvalidToken,
    errors.InsufficientScope,
    errors.PatientRequired,
    errors.IdentityUnavailable,
)
JSON_BODY: Final[tuple[Failure, ...]] = (failures.PayloadTooLarge, failures.UnsupportedMediaType)
STORAGE: Final[tuple[Failure, ...]] = (errors.StorageUnavailable,)
JUNCTION: Final[tuple[Failure, ...]] = (
    junction_errors.JunctionUnavailable,
    junction_errors.JunctionTimeout,
    junction_errors.JunctionRateLimited,
    junction_errors.JunctionRejectedCredentials,
    junction_errors.JunctionBadResponse,
)

_MEANINGS: Final = {
    400: "Validation error",
    401: "No bearer token, or not a valid one",
    403: "The token is not a patient's, or lacks the required scope",
    404: "No such connection of this patient",
    408: "The request did not arrive whole in time",
    409: "Junction lists it as connected all the same: an app on the phone keeps it",
    413: "The body is larger than 64 KiB",
    415: "The body is not application/json",
    431: "The headers are larger than 16 KiB",
    500: "A defect of the service",
    502: "Junction upstream error",
    503: "The service cannot serve this request now; see Retry-After",
}

HEADERS: Final[Json] = {
    "Retry-After": {
        "description": "Whole seconds to wait before the same request may do better. Not every "
        "error of this status knows them.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 1,
    },
    "WWW-Authenticate": {
        "description": "What the bearer token lacks (RFC 6750, 3)",
        "schema": {"type": "string"},
        "example": 'Bearer error="invalid_token"',
    },
}


def refusals(
    *raised: Failure, meanings: Mapping[int, str] = MappingProxyType({})
) -> dict[str, Json]:
    """An answer for each status that these errors have, with an example and advice for each."""
    by_status: dict[int, list[LinkingError]] = {}
    for each in raised:
        error = each if isinstance(each, LinkingError) else _made(each)
        by_status.setdefault(status_of(type(error)), []).append(error)
    said = {**_MEANINGS, **meanings}
    return {str(status): _refusal(said[status], same) for status, same in by_status.items()}


def _refusal(meaning: str, same_status: list[LinkingError]) -> Json:
    sent = {name for error in same_status for name in answer(error).headers}
    headers = {
        name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS if name.lower() in sent
    }
    content = json_of(schemas.ErrorResponse, {error.code: _shown(error) for error in same_status})
    whole: Json = {"description": meaning, "content": content}
    return whole | ({"headers": headers} if headers else {})


def _shown(error: LinkingError) -> Json:
    if error.code in EXAMPLES:
        return {"$ref": f"#/components/examples/{error.code}"}
    return _example(error)


def _made(error: type[LinkingError]) -> LinkingError:
    if error is errors.InsufficientScope:
        return errors.InsufficientScope("manage:wearables")
    return error()


def _example(error: LinkingError) -> Json:
    body = msgspec.json.decode(answer(error).body)
    return {"description": advice_on(type(error)), "value": body}


# The router's own are of no operation.
_ELSEWHERE: Final = {errors.ValidationError, failures.RouteNotFound, failures.MethodNotAllowed}

EXAMPLES: Final[Json] = {
    each.code: _example(_made(each)) for each in ADVICE if each not in _ELSEWHERE
}
"""Of each error whose message is the same everywhere."""
