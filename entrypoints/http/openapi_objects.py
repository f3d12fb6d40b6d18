"""The objects that the API document is made of, as OpenAPI 3.1 has them."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from entrypoints.http import schemas

Json = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{name}"

NOT_YOU: Final = {
    401: "No bearer token, or not a valid one",
    403: "The token is not a patient's, or lacks the required scope",
}
NOT_NOW: Final = {
    503: "The service cannot check tokens or reach its storage, has as many requests as it takes, "
    "or is shutting down; see Retry-After"
}

_BEARER: Final[Sequence[Json]] = ({"bearer": []},)


def operation(
    name: str,
    summary: str,
    *,
    responses: Json,
    request: Json | None = None,
    security: Sequence[Json] = _BEARER,
) -> Json:
    whole = {
        "operationId": name,
        "summary": summary,
        "security": security,
        "responses": dict(sorted(responses.items())),
    }
    return whole | ({"requestBody": request} if request else {})


def header(name: str, meaning: str, schema: Json) -> Json:
    whole = {"name": name, "in": "header", "required": True, "description": meaning}
    return whole | {"schema": {"type": "string"} | schema}


def request(body: type[msgspec.Struct], *, required: bool, examples: Sequence[Json]) -> Json:
    """The examples work in every staging, where Junction is simulated."""
    content = _json_of(body)
    content["application/json"]["examples"] = {
        f"example{n}": {"value": example} for n, example in enumerate(examples, start=1)
    }
    return {"required": required, "content": content}


def answer(
    status: int, meaning: str, body: type[msgspec.Struct], *, then: Json | None = None
) -> Json:
    content = {"description": meaning, "content": _json_of(body)}
    return {str(status): content | ({"links": then} if then else {})}


def link(name: str, **how: Json) -> Json:
    """The operation that goes on from an answer: its `requestBody` or `parameters` from there."""
    return {name: {"operationId": name, **how}}


def no_content(status: int, meaning: str) -> Json:
    return {str(status): {"description": meaning}}


def errors(meanings: dict[int, str]) -> Json:
    answers: Json = {}
    for status, meaning in meanings.items():
        answers |= answer(status, meaning, schemas.ErrorResponse)
    return answers


def _json_of(body: type[msgspec.Struct]) -> Json:
    return {"application/json": {"schema": {"$ref": REFERENCE.format(name=body.__name__)}}}
