"""The API document, made from the types that the routes use."""

from functools import cache
from importlib.metadata import version
from typing import Final

import msgspec

from entrypoints.http import schemas
from entrypoints.http.junction_events import WebhookRequest
from entrypoints.http.openapi_connections import (
    disconnect,
    get_connection,
    list_connections,
    list_events,
)
from entrypoints.http.openapi_objects import (
    NOT_NOW,
    NOT_YOU,
    REFERENCE,
    Json,
    answer,
    errors,
    link,
    operation,
    request,
)
from entrypoints.http.openapi_webhook import webhook

_UNDECODABLE: Final = {
    408: "The request did not arrive whole in time",
    413: "The body is larger than 64 KiB",
    415: "The body is not application/json",
    431: "The headers are larger than 16 KiB",
}
_NOT_READY: Final = {
    503: "The service cannot reach its storage within 200 ms, the storage is of an older version, "
    "or the service is shutting down; see Retry-After"
}


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
            "/v1/wearables/connections": {"get": list_connections()},
            "/v1/wearables/connections/{id}": {
                "get": get_connection(),
                "delete": disconnect(),
            },
            "/v1/wearables/connections/{id}/events": {"get": list_events()},
            "/webhooks/junction-link": {"post": webhook()},
            "/livez": {"get": _probe("livez", "The process answers", {})},
            "/readyz": {"get": _probe("readyz", "Requests can be served", _NOT_READY)},
            "/metrics": {"get": _metrics()},
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _mint() -> Json:
    return operation(
        "mintLinkToken",
        "Mint a link token for the patient who asks",
        request=request(
            schemas.MintRequest,
            required=False,
            examples=({}, {"provider": "oura", "redirect_url": "https://app.example/linked"}),
        ),
        responses=answer(
            201,
            "Link token minted",
            schemas.MintResponse,
            then=link(
                "exchangeLinkToken", requestBody={"link_token": "$response.body#/link_token"}
            ),
        )
        | errors({400: "Validation error", 502: "Junction upstream error"})
        | errors(NOT_YOU | _UNDECODABLE | NOT_NOW),
    )


def _exchange() -> Json:
    return operation(
        "exchangeLinkToken",
        "Exchange the link token that came back from the Link widget for a connection",
        request=request(
            schemas.ExchangeRequest,
            required=True,
            examples=(
                {"link_token": "link-test-connected"},
                {"link_token": "link-test-error", "provider": "dexcom"},
            ),
        ),
        responses=answer(
            201,
            "Wearable connection persisted",
            schemas.ConnectionResponse,
            then=link("getConnection", parameters={"id": "$response.body#/id"}),
        )
        | errors({400: "Validation error", 502: "Junction upstream error"})
        | errors(NOT_YOU | _UNDECODABLE | NOT_NOW),
    )


def _probe(name: str, meaning: str, failures: dict[int, str]) -> Json:
    return {
        "operationId": name,
        "summary": meaning,
        "responses": answer(200, meaning, schemas.ProbeResponse) | errors(failures),
    }


def _metrics() -> Json:
    meaning = "What this process has counted, in Prometheus's text format"
    return {
        "operationId": "metrics",
        "summary": meaning,
        "responses": {
            "200": {
                "description": meaning,
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        },
    }


def _schemas() -> Json:
    bodies = (
        schemas.ExchangeRequest,
        schemas.MintRequest,
        schemas.MintResponse,
        schemas.ConnectionResponse,
        schemas.ConnectionsResponse,
        schemas.EventsResponse,
        WebhookRequest,
        schemas.WebhookResponse,
        schemas.ErrorResponse,
        schemas.ProbeResponse,
    )
    _, components = msgspec.json.schema_components(bodies, ref_template=REFERENCE)
    for schema in components.values():
        if "enum" in schema:
            schema["type"] = "string"
        if "description" in schema:
            schema["description"] = " ".join(schema["description"].split())
    return components
