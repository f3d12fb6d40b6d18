"""What the API document says of connections that exist."""

from typing import Final

from entrypoints.http import schemas
from entrypoints.http.openapi_objects import (
    NOT_NOW,
    NOT_YOU,
    Json,
    answer,
    errors,
    link,
    no_content,
    operation,
)

_NOT_YOURS: Final = {404: "No such connection of this patient"}
_UUID: Final = {"type": "string", "format": "uuid"}
_ID: Final = {"name": "id", "in": "path", "required": True, "schema": _UUID}

_OF_A_PAGE: Final = (
    {
        "name": "limit",
        "in": "query",
        "description": "How many events at most",
        "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    },
    {
        "name": "before",
        "in": "query",
        "description": "`next` of the page before this one",
        "schema": _UUID,
    },
)


def list_connections() -> Json:
    of_the_first = {"id": "$response.body#/connections/0/id"}
    return operation(
        "listConnections",
        "Every connection of the patient who asks, disconnected ones too",
        responses=answer(
            200,
            "The patient's connections",
            schemas.ConnectionsResponse,
            then=link("getConnection", parameters=of_the_first),
        )
        | errors(NOT_YOU | NOT_NOW),
    )


def get_connection() -> Json:
    whole = operation(
        "getConnection",
        "One connection of the patient who asks",
        responses=answer(
            200,
            "The connection",
            schemas.ConnectionResponse,
            then=link("listConnectionEvents", parameters={"id": "$response.body#/id"}),
        )
        | errors(NOT_YOU | _NOT_YOURS | NOT_NOW),
    )
    return whole | {"parameters": [_ID]}


def disconnect() -> Json:
    whole = operation(
        "disconnect",
        "End a connection at Junction; it stays in the patient's list",
        responses=no_content(204, "Junction no longer lists it as connected")
        | errors(NOT_YOU | _NOT_YOURS)
        | errors(
            {
                409: "Junction lists it as connected all the same: an app on the phone keeps it",
                502: "Junction upstream error; the same request may be sent again",
            }
        )
        | errors(NOT_NOW),
    )
    return whole | {"parameters": [_ID]}


def list_events() -> Json:
    whole = operation(
        "listConnectionEvents",
        "What happened to a connection of the patient who asks, the newest first",
        responses=answer(200, "A page of events", schemas.EventsResponse)
        | errors({400: "Validation error"} | NOT_YOU | _NOT_YOURS | NOT_NOW),
    )
    return whole | {"parameters": [_ID, *_OF_A_PAGE]}
