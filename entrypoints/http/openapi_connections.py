"""What the API document says of connections that exist."""

from typing import Final
from uuid import UUID

from domain import errors
from domain.facts import Status
from domain.history import Cause
from entrypoints.http import schemas
from entrypoints.http.openapi_errors import (
    ADMISSION,
    ANYWHERE,
    BEARER,
    JUNCTION,
    STORAGE,
    refusals,
)
from entrypoints.http.openapi_linking import CONNECTED
from entrypoints.http.openapi_objects import Json, answer, link, no_content, operation

_TAG: Final = "Connections"
_UUID: Final = {"type": "string", "format": "uuid"}
_ID: Final = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The connection's `id`, from an exchange or the list",
    "schema": _UUID,
}

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

_READING: Final = (*BEARER, *STORAGE, *ADMISSION, *ANYWHERE)

_LINKED: Final = schemas.EventResponse(
    id=UUID("01a20536-5306-7f02-8d11-5b0c9e4a7d63"),
    at="2026-11-22T12:00:00Z",
    cause=Cause.EXCHANGE,
    status=Status.CONNECTED,
    error_type=None,
    request_id="3f0b6c2e9d7a41b88c5e1f2a6d904b73",
)


def list_connections() -> Json:
    of_the_first = {"id": "$response.body#/connections/0/id"}
    return operation(
        "listConnections",
        "Every connection of the patient who asks, disconnected ones too",
        "As they are stored: Junction is not asked.",
        tag=_TAG,
        responses=answer(
            200,
            "The patient's connections",
            {
                "one": schemas.ConnectionsResponse([CONNECTED]),
                "none_yet": schemas.ConnectionsResponse([]),
            },
            then=link("getConnection", parameters=of_the_first),
        )
        | refusals(*_READING),
    )


def get_connection() -> Json:
    return operation(
        "getConnection",
        "One connection of the patient who asks",
        "As it is stored: Junction is not asked. Another patient's is no different from none.",
        tag=_TAG,
        parameters=[_ID],
        responses=answer(
            200,
            "The connection",
            {"connected": CONNECTED},
            then=link("listConnectionEvents", parameters={"id": "$response.body#/id"}),
        )
        | refusals(errors.ConnectionNotFound, *_READING),
    )


def disconnect() -> Json:
    return operation(
        "disconnect",
        "End a connection at Junction; it stays in the patient's list",
        "Repeating it is safe, also after an answer that left open what Junction did.",
        tag=_TAG,
        parameters=[_ID],
        responses=no_content(204, "Junction no longer lists it as connected")
        | refusals(
            errors.ConnectionNotFound,
            errors.StillConnected,
            *JUNCTION,
            *_READING,
            meanings={502: "Junction upstream error; the same request may be sent again"},
        ),
    )


def list_events() -> Json:
    return operation(
        "listConnectionEvents",
        "What happened to a connection of the patient who asks, the newest first",
        "What it became, when, and by whose doing. Where `next` is not null, there are more: send "
        "it as `before`.",
        tag=_TAG,
        parameters=[_ID, *_OF_A_PAGE],
        responses=answer(
            200,
            "A page of events",
            {
                "last_page": schemas.EventsResponse([_LINKED], next=None),
                "more_to_come": schemas.EventsResponse([_LINKED], next=_LINKED.id),
            },
        )
        | refusals(
            errors.ValidationError("limit", "expected int <= 200"),
            errors.ConnectionNotFound,
            *_READING,
        ),
    )
