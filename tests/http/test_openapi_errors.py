"""What the API document says of errors: all of them, as they are answered, and what to do."""

from typing import Any, Final

import msgspec
import pytest
from openapi_schema_validator import OAS31Validator

from domain.errors import LinkingError
from entrypoints.http import failures
from entrypoints.http.advice import ADVICE, advice_on
from entrypoints.http.errors import status_of
from entrypoints.http.openapi import document
from entrypoints.http.schemas import ErrorResponse
from tests.asgi import Answer
from tests.documented import assert_documented, refusals
from tests.http.calls import CONNECTIONS, EXCHANGE
from tests.http.test_errors import each_leaf, leaves, made

API: Final[Any] = msgspec.json.decode(document())

# What the router answers where there is no operation.
ELSEWHERE: Final = {failures.RouteNotFound, failures.MethodNotAllowed}

CONTENTS: Final = {
    f"{operation['operationId']} {status}": content["application/json"]
    for operations in API["paths"].values()
    for operation in operations.values()
    for status, content in (
        *(
            (status, answer.get("content", {}))
            for status, answer in operation["responses"].items()
        ),
        *([("sent", operation["requestBody"]["content"])] if "requestBody" in operation else []),
    )
    if "application/json" in content
}


def resolved(example: Any) -> Any:
    if "$ref" in example:
        return API["components"]["examples"][example["$ref"].rpartition("/")[2]]
    return example


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_every_example_fits_its_schema(content: Any) -> None:
    validator = OAS31Validator({**content["schema"], "components": API["components"]})

    assert content["examples"]
    for example in content["examples"].values():
        validator.validate(resolved(example)["value"])


REFUSALS: Final = {
    name: content
    for name, content in CONTENTS.items()
    if content["schema"]["$ref"].endswith("/ErrorResponse")
}


@pytest.mark.parametrize("content", REFUSALS.values(), ids=REFUSALS)
def test_every_error_is_a_real_body_with_advice(content: Any) -> None:
    for name, example in content["examples"].items():
        shown = resolved(example)
        body = msgspec.convert(shown["value"], ErrorResponse)
        assert body.error == name
        assert shown["description"] in ADVICE.values()


def test_every_status_of_an_operation_has_an_answer_shown() -> None:
    shown = {name for name, content in CONTENTS.items() if content["examples"]}

    assert {
        f"{operation['operationId']} {status}"
        for operations in API["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if "application/json" in answer.get("content", {})
    } <= shown


@each_leaf
def test_error_is_documented_with_its_status_and_advice(leaf: type[LinkingError]) -> None:
    documented = set().union(*refusals().values())

    assert advice_on(leaf).endswith(".")
    if leaf in ELSEWHERE:
        assert f"{status_of(leaf)} `{leaf.code}`" in API["info"]["description"]
    else:
        assert (status_of(leaf), leaf.code) in documented


@each_leaf
def test_message_that_is_shown_is_the_one_that_is_sent(leaf: type[LinkingError]) -> None:
    shown = API["components"]["examples"].get(leaf.code)

    if shown and leaf not in ELSEWHERE:
        assert shown["description"] == advice_on(leaf)
        assert shown["value"] == {"error": leaf.code, "message": str(made(leaf))}


def test_nothing_is_documented_that_is_no_error() -> None:
    known = {(status_of(leaf), leaf.code) for leaf in leaves()}

    assert set().union(*refusals().values()) <= known


def test_refusal_that_is_not_documented_is_noticed() -> None:
    """Each test of this folder holds what it hears against the document; see its conftest."""
    undocumented = Answer(409, {}, b'{"error": "still_connected", "message": "."}')

    assert_documented("DELETE", f"{CONNECTIONS}/01a2", undocumented)
    assert_documented("POST", "/nowhere", undocumented)
    with pytest.raises(AssertionError):
        assert_documented("POST", EXCHANGE, undocumented)
