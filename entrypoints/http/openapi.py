"""The API document, made from the types that the routes use and the errors that they raise."""

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
from entrypoints.http.openapi_errors import EXAMPLES, HEADERS
from entrypoints.http.openapi_linking import exchange, mint
from entrypoints.http.openapi_objects import REFERENCE, Json
from entrypoints.http.openapi_probes import live, metrics, ready
from entrypoints.http.openapi_webhook import SIGNATURES, webhook

_DESCRIPTION: Final = """\
Links a patient's wearable through Junction, and keeps what it says about that link true.

The patient is never a parameter: it is who the bearer token says.

Every error is `{"error": ..., "message": ...}`. `error` is for programs and stays as it is; \
`message` is for people and may change. Each error that an operation can answer stands there as \
an example of its name, with what to do about it. Beside these, at any address: 400 \
`validation_error` for what is not HTTP, 404 `not_found` where there is nothing, 405 \
`method_not_allowed`, and 413 `payload_too_large` where no body is taken and one comes.

Every answer bears an `X-Request-Id`: the caller's, if it was well formed, or one made here. \
Unknown members of a body are ignored; of duplicate ones the last counts, and each must be valid.
"""

_TAGS: Final = (
    {"name": "Linking", "description": "From a link token to a connection"},
    {"name": "Connections", "description": "The patient's connections, and their ends"},
    {"name": "Webhook", "description": "For Junction, and for nobody else"},
    {"name": "Probes", "description": "For whoever watches the service"},
)

_BEARER: Final = {
    "type": "http",
    "scheme": "bearer",
    "description": "Who is asking. In staging anyone is the patient they say they are: "
    "`staging.demo` is patient `demo`.",
}

_SCHEMAS: Final = (
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
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/", "description": "Where this document comes from"}],
        "tags": _TAGS,
        "paths": {
            "/v1/wearables/link/token": {"post": mint()},
            "/v1/wearables/link/exchange": {"post": exchange()},
            "/v1/wearables/connections": {"get": list_connections()},
            "/v1/wearables/connections/{id}": {"get": get_connection(), "delete": disconnect()},
            "/v1/wearables/connections/{id}/events": {"get": list_events()},
            "/webhooks/junction-link": {"post": webhook()},
            "/livez": {"get": live()},
            "/readyz": {"get": ready()},
            "/metrics": {"get": metrics()},
        },
        "components": {
            "schemas": _schemas(),
            "examples": EXAMPLES,
            "headers": HEADERS,
            "securitySchemes": {"bearer": _BEARER} | SIGNATURES,
        },
    }


def _schemas() -> Json:
    _, components = msgspec.json.schema_components(_SCHEMAS, ref_template=REFERENCE)
    for schema in components.values():
        if "enum" in schema:
            schema["type"] = "string"
        if "description" in schema:
            schema["description"] = " ".join(schema["description"].split())
    return components
