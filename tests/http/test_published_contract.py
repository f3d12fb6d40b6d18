"""The exchange in our API document, held against the published contract, written out here."""

from typing import Any, Final

import msgspec
import pytest

from entrypoints.http.openapi import document

ERROR: Final = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "message": {"type": "string"}},
    "required": ["error", "message"],
}

REQUEST: Final = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "link_token": {"type": "string", "minLength": 1},
                    "provider": {
                        "type": "string",
                        "enum": [
                            "apple_health_kit",
                            "dexcom",
                            "eight_sleep",
                            "freestyle_libre",
                            "garmin",
                            "google_fit",
                            "oura",
                            "whoop",
                        ],
                    },
                },
                "required": ["link_token"],
            }
        }
    },
}

RESPONSES: Final[dict[str, Any]] = {
    "201": {
        "description": "Wearable connection persisted",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "patient_id": {"type": "string"},
                        "provider": {"type": "string"},
                        "junction_user_id": {"type": "string"},
                        "status": {
                            "type": "string",
                            "enum": ["connected", "disconnected", "error", "pending"],
                        },
                        "connected_at": {"type": "string"},
                        "last_synced_at": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    },
                    "required": [
                        "id",
                        "patient_id",
                        "provider",
                        "junction_user_id",
                        "status",
                        "connected_at",
                        "last_synced_at",
                    ],
                }
            }
        },
    },
    "400": {
        "description": "Validation error",
        "content": {"application/json": {"schema": ERROR}},
    },
    "502": {
        "description": "Junction upstream error",
        "content": {"application/json": {"schema": ERROR}},
    },
}


def test_request_is_the_published_one(exchange: dict[str, Any]) -> None:
    assert exchange["requestBody"] == REQUEST


@pytest.mark.parametrize("status", RESPONSES)
def test_answer_is_the_published_one(exchange: dict[str, Any], status: str) -> None:
    assert exchange["responses"][status] == RESPONSES[status]


def test_bearer_token_is_asked_for(exchange: dict[str, Any]) -> None:
    assert exchange["security"] == [{"bearer": []}]


def test_patient_is_no_parameter(exchange: dict[str, Any]) -> None:
    assert "parameters" not in exchange


@pytest.fixture
def exchange() -> Any:
    api = msgspec.json.decode(document())
    return resolved(api["paths"]["/v1/wearables/link/exchange"]["post"], api)


def resolved(node: Any, api: Any) -> Any:
    """The same with each reference replaced by what it names, and what schemas tell left out."""
    if isinstance(node, list):
        return [resolved(each, api) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        schema = api["components"]["schemas"][node["$ref"].rpartition("/")[2]]
        told = {name: value for name, value in schema.items() if name not in NARRATION}
        return resolved(told, api)
    left_out = ILLUSTRATION | NARRATION if "type" in node else ILLUSTRATION
    return {name: resolved(value, api) for name, value in node.items() if name not in left_out}


NARRATION: Final = {"title", "description"}

# What a document may add without asking or answering anything else.
ILLUSTRATION: Final = {"examples", "headers", "links"}
