"""The API document, made from the types that the routes use."""

from functools import cache
from importlib.metadata import version
from typing import Any, Final

import msgspec

from entrypoints.http import schemas

Json = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/{name}"

_NOT_YOU: Final = {
    401: "No bearer token, or not a valid one",
    403: "The token is not a patient's, or lacks the required scope",
}
_UNDECODABLE: Final = {
    408: "The request did not arrive whole in time",
    413: "The body is larger than 64 KiB",
    415: "The body is not application/json",
    431: "The headers are larger than 16 KiB",
}
_NOT_NOW: Final = {503: "The service cannot check tokens or reach its storage; see Retry-After"}


@cache
def document() -> bytes:
    """OpenAPI 3.1, as JSON."""
    return msgspec.json.format(msgspec.json.encode(_document()), indent=2)


def _document() -> Json:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wearable Link",
            "version": version("wearable-link"),
            "description": "Links a patient's wearable through Junction.",
        },
        "paths": {
            "/v1/wearables/link/token": {"post": _mint()},
            "/v1/wearables/link/exchange": {"post": _exchange()},
            "/v1/wearables/connections": {"get": _list_connections()},
            "/v1/wearables/connections/{id}": {"get": _get_connection()},
            "/livez": {"get": _probe("livez", "The process answers", {})},
            "/readyz": {"get": _probe("readyz", "Requests can be served", _NOT_NOW)},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _mint() -> Json:
    return _operation(
        "mintLinkToken",
        "Mint a link token for the patient who asks",
        request=_request(schemas.MintRequest, required=False),
        responses=_answer(201, "Link token minted", schemas.MintResponse)
        | _errors({400: "Validation error", 502: "Junction upstream error"})
        | _errors(_NOT_YOU | _UNDECODABLE | _NOT_NOW),
    )


def _exchange() -> Json:
    return _operation(
        "exchangeLinkToken",
        "Exchange the link token that came back from the Link widget for a connection",
        request=_request(schemas.ExchangeRequest, required=True),
        responses=_answer(201, "Wearable connection persisted", schemas.ConnectionResponse)
        | _errors({400: "Validation error", 502: "Junction upstream error"})
        | _errors(_NOT_YOU | _UNDECODABLE | _NOT_NOW),
    )


def _list_connections() -> Json:
    return _operation(
        "listConnections",
        "Every connection of the patient who asks, disconnected ones too",
        responses=_answer(200, "The patient's connections", schemas.ConnectionsResponse)
        | _errors(_NOT_YOU | _NOT_NOW),
    )


def _get_connection() -> Json:
    operation = _operation(
        "getConnection",
        "One connection of the patient who asks",
        responses=_answer(200, "The connection", schemas.ConnectionResponse)
        | _errors(_NOT_YOU | {404: "No such connection of this patient"} | _NOT_NOW),
    )
    id_ = {"type": "string", "format": "uuid"}
    operation["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": id_}]
    return operation


def _probe(name: str, meaning: str, errors: dict[int, str]) -> Json:
    return {
        "operationId": name,
        "summary": meaning,
        "responses": _answer(200, meaning, schemas.ProbeResponse) | _errors(errors),
    }


def _operation(name: str, summary: str, *, responses: Json, request: Json | None = None) -> Json:
    operation = {
        "operationId": name,
        "summary": summary,
        "security": [{"bearer": []}],
        "responses": dict(sorted(responses.items())),
    }
    return operation | ({"requestBody": request} if request else {})


def _request(body: type[msgspec.Struct], *, required: bool) -> Json:
    return {"required": required, "content": _json_of(body)}


def _answer(status: int, meaning: str, body: type[msgspec.Struct]) -> Json:
    return {str(status): {"description": meaning, "content": _json_of(body)}}


def _errors(meanings: dict[int, str]) -> Json:
    answers: Json = {}
    for status, meaning in meanings.items():
        answers |= _answer(status, meaning, schemas.ErrorResponse)
    return answers


def _json_of(body: type[msgspec.Struct]) -> Json:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(name=body.__name__)}}}


def _schemas() -> Json:
    bodies = (
        schemas.ExchangeRequest,
        schemas.MintRequest,
        schemas.MintResponse,
        schemas.ConnectionResponse,
        schemas.ConnectionsResponse,
        schemas.ErrorResponse,
        schemas.ProbeResponse,
    )
    _, components = msgspec.json.schema_components(bodies, ref_template=_REFERENCE)
    for schema in components.values():
        if "enum" in schema:
            schema["type"] = "string"
        if "description" in schema:
            schema["description"] = " ".join(schema["description"].split())
    return components
