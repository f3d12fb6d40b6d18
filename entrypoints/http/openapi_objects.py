"""The objects that the API document is made of, as OpenAPI 3.1 has them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

Json = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{name}"

_BEARER: Final[Sequence[Json]] = ({"bearer": []},)


def operation(  # noqa: PLR0913  (the members of what it builds)
    name: str,
    summary: str,
    description: str,
    *,
    tag: str,
    responses: Json,
    request: Json | None = None,
    parameters: Sequence[Json] = (),
    security: Sequence[Json] = _BEARER,
) -> Json:
    whole = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": description,
        "security": security,
        "responses": dict(sorted(responses.items())),
    }
    whole |= {"parameters": parameters} if parameters else {}
    return whole | ({"requestBody": request} if request else {})


def request(body: type[msgspec.Struct], *, required: bool, examples: Mapping[str, Json]) -> Json:
    """The examples work in every staging where Junction is simulated."""
    named = {name: {"value": value} for name, value in examples.items()}
    return {"required": required, "content": json_of(body, named)}


def answer(
    status: int,
    meaning: str,
    examples: Mapping[str, msgspec.Struct],
    *,
    then: Json | None = None,
) -> Json:
    """The examples are bodies of one type, which is the answer's."""
    [body] = {type(example) for example in examples.values()}
    named = {name: {"value": msgspec.to_builtins(each)} for name, each in examples.items()}
    content = {"description": meaning, "content": json_of(body, named)}
    return {str(status): content | ({"links": then} if then else {})}


def link(name: str, **how: Json) -> Json:
    """The operation that goes on from an answer: its `requestBody` or `parameters` from there."""
    return {name: {"operationId": name, **how}}


def no_content(status: int, meaning: str) -> Json:
    return {str(status): {"description": meaning}}


def json_of(body: type[msgspec.Struct], examples: Json) -> Json:
    schema = {"$ref": REFERENCE.format(name=body.__name__)}
    return {"application/json": {"schema": schema, "examples": examples}}
