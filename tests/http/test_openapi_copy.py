"""The committed copy of the API document is the document: nobody changes it unawares."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from entrypoints.http.openapi import document
from tests.api_changes import changes

COPY: Final = Path(__file__).parents[2] / "docs" / "openapi.json"
RENEW: Final = "If all of it is meant, renew the copy: make openapi"

EXCHANGE: Final = "/v1/wearables/link/exchange"
EVENTS: Final = "/v1/wearables/connections/{id}/events"


def test_copy_is_the_document() -> None:
    found = changes(msgspec.json.decode(COPY.read_bytes()), msgspec.json.decode(document()))

    if found:
        pytest.fail("\n".join(["The API document is not its copy:", *map(str, found), RENEW]))
    assert COPY.read_bytes() == document() + b"\n", RENEW


def exchange(api: Any) -> Any:
    return api["paths"][EXCHANGE]["post"]


def schema(api: Any, name: str) -> Any:
    return api["components"]["schemas"][name]


BREAKING: Final[dict[str, Callable[[Any], object]]] = {
    f"gone: paths > {EXCHANGE} > post > responses > 502 > content > application/json > examples > "
    "junction_timeout": lambda api: exchange(api)["responses"]["502"]["content"][
        "application/json"
    ]["examples"].pop("junction_timeout"),
    'changed: components > examples > overloaded > value > error "overloaded" -> "busy"': (
        lambda api: api["components"]["examples"]["overloaded"]["value"].update(error="busy")
    ),
    "gone: paths > /readyz": lambda api: api["paths"].pop("/readyz"),
    f"gone: paths > {EXCHANGE} > post": lambda api: api["paths"][EXCHANGE].pop("post"),
    f"gone: paths > {EXCHANGE} > post > responses > 201": lambda api: exchange(api)[
        "responses"
    ].pop("201"),
    "gone: components > schemas > ConnectionResponse > properties > provider": lambda api: schema(
        api, "ConnectionResponse"
    )["properties"].pop("provider"),
    "gone: components > schemas > ErrorResponse > required > message": lambda api: schema(
        api, "ErrorResponse"
    )["required"].remove("message"),
    "new: components > schemas > ExchangeRequest > required > provider": lambda api: schema(
        api, "ExchangeRequest"
    )["required"].append("provider"),
    "new: components > schemas > MintRequest > required": lambda api: schema(
        api, "MintRequest"
    ).update(required=["provider"]),
    "gone: components > schemas > Provider > enum > oura": lambda api: schema(api, "Provider")[
        "enum"
    ].remove("oura"),
    "new: components > schemas > Status > enum > paused": lambda api: schema(api, "Status")[
        "enum"
    ].append("paused"),
    'changed: components > schemas > Provider > type "string" -> "integer"': lambda api: schema(
        api, "Provider"
    ).update(type="integer"),
    f"gone: paths > {EXCHANGE} > post > security > " + '{"bearer": []}': lambda api: exchange(api)[
        "security"
    ].clear(),
    "gone: paths > /livez > get > security > nobody in particular": lambda api: api["paths"][
        "/livez"
    ]["get"]["security"].append({"bearer": []}),
    f"gone: paths > {EVENTS} > get > parameters > before": lambda api: api["paths"][EVENTS]["get"][
        "parameters"
    ].pop(),
    f"new: paths > {EXCHANGE} > post > parameters": lambda api: exchange(api).update(
        parameters=[{"name": "team", "in": "query", "required": True, "schema": {}}]
    ),
    f"changed: paths > {EVENTS} > get > parameters > limit > schema > maximum 200 -> 100": (
        lambda api: api["paths"][EVENTS]["get"]["parameters"][1]["schema"].update(maximum=100)
    ),
}

HARMLESS: Final[dict[str, Callable[[Any], object]]] = {
    "new: paths > /v2": lambda api: api["paths"].update({"/v2": {"get": {"responses": {}}}}),
    f"new: paths > {EXCHANGE} > post > responses > 418": lambda api: exchange(api)[
        "responses"
    ].update({"418": {"description": "A teapot"}}),
    "new: components > schemas > ErrorResponse > properties > title": lambda api: schema(
        api, "ErrorResponse"
    )["properties"].update(title={"type": "string"}),
    "new: components > schemas > Provider > enum > polar": lambda api: schema(api, "Provider")[
        "enum"
    ].append("polar"),
    "gone: components > schemas > ExchangeRequest > properties > link_token > minLength": (
        lambda api: schema(api, "ExchangeRequest")["properties"]["link_token"].pop("minLength")
    ),
    f"new: paths > {EVENTS} > get > parameters > after": lambda api: api["paths"][EVENTS]["get"][
        "parameters"
    ].append({"name": "after", "in": "query", "schema": {"type": "string"}}),
    f"new: paths > {EXCHANGE} > post > security > " + '{"key": []}': lambda api: exchange(api)[
        "security"
    ].append({"key": []}),
    'changed: components > examples > overloaded > description "Wait." -> "Go."': lambda api: api[
        "components"
    ]["examples"]["overloaded"].update(description="Go."),
}


@pytest.fixture
def api() -> Any:
    api = msgspec.json.decode(document())
    api["components"]["examples"]["overloaded"]["description"] = "Wait."
    return api


@pytest.mark.parametrize(("name", "change"), BREAKING.items(), ids=BREAKING)
def test_change_that_breaks_callers_is_named(
    api: Any, name: str, change: Callable[[Any], object]
) -> None:
    before = deepcopy(api)
    change(api)

    assert f"BREAKING: {name}" in map(str, changes(before, api))


@pytest.mark.parametrize(("name", "change"), HARMLESS.items(), ids=HARMLESS)
def test_addition_is_told_from_what_breaks(
    api: Any, name: str, change: Callable[[Any], object]
) -> None:
    before = deepcopy(api)
    change(api)

    assert list(map(str, changes(before, api))) == [f"addition: {name}"]
