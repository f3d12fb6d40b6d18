"""Every error there is: its status, its public code, and a message that keeps the cause back."""

import re
from collections.abc import Iterator

import msgspec
import pytest

from domain import errors, junction_errors
from domain.errors import InsufficientScope, LinkingError, ValidationError
from domain.junction_errors import JunctionRateLimited
from entrypoints.http import failures
from entrypoints.http.errors import answer, status_of

TABLE = {
    400: {
        "validation_error",
        "invalid_link_token",
        "link_token_expired",
        "provider_mismatch",
        "provider_undetermined",
    },
    401: {"unauthenticated", "invalid_token", "invalid_signature"},
    403: {"insufficient_scope", "patient_required"},
    404: {"not_found"},
    405: {"method_not_allowed"},
    408: {"request_timeout"},
    409: {"still_connected"},
    413: {"payload_too_large"},
    415: {"unsupported_media_type"},
    431: {"headers_too_large"},
    500: {"internal_error", "webhooks_not_configured"},
    502: {
        "junction_unavailable",
        "junction_timeout",
        "junction_rate_limited",
        "junction_rejected_credentials",
        "junction_bad_response",
    },
    503: {
        "identity_unavailable",
        "storage_unavailable",
        "storage_outdated",
        "overloaded",
        "shutting_down",
    },
}


def leaves(base: type[LinkingError] = LinkingError) -> Iterator[type[LinkingError]]:
    for error in base.__subclasses__():
        if error.__module__ in {errors.__name__, junction_errors.__name__, failures.__name__}:
            yield from leaves(error) if error.__subclasses__() else (error,)


def made(leaf: type[LinkingError]) -> LinkingError:
    if leaf is ValidationError:
        return ValidationError("link_token", "expected str.")
    if leaf is InsufficientScope:
        return InsufficientScope("write:wearables")
    return leaf()


each_leaf = pytest.mark.parametrize("leaf", list(leaves()), ids=lambda leaf: leaf.__name__)


def test_statuses_and_codes_are_the_published_ones() -> None:
    table: dict[int, set[str]] = {}
    for leaf in leaves():
        table.setdefault(status_of(leaf), set()).add(leaf.code)

    assert table == TABLE


@each_leaf
def test_error_has_a_public_code_and_a_message_for_people(leaf: type[LinkingError]) -> None:
    message = str(made(leaf))

    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", leaf.code)
    assert message.isprintable()
    assert message.endswith(".")


@each_leaf
def test_answer_says_what_the_error_says_and_no_more(leaf: type[LinkingError]) -> None:
    error = made(leaf)

    body = msgspec.json.decode(answer(error).body)

    assert body == {"error": leaf.code, "message": str(error)}


@each_leaf
def test_answer_says_nothing_of_the_cause(leaf: type[LinkingError]) -> None:
    error = made(leaf)
    error.__cause__ = RuntimeError("canary")
    error.__context__ = RuntimeError("canary")
    error.add_note("canary")

    response = answer(error)

    assert b"canary" not in response.body
    assert "canary" not in str(response.headers)


@pytest.mark.parametrize(("wait", "header"), [(2.0, "2"), (0.2, "1"), (59.01, "60"), (0.0, "0")])
def test_wait_is_told_in_whole_seconds_never_too_short(wait: float, header: str) -> None:
    assert answer(JunctionRateLimited(wait)).headers["retry-after"] == header


def test_unknown_wait_is_a_second() -> None:
    assert answer(JunctionRateLimited()).headers["retry-after"] == "1"


@each_leaf
def test_whoever_cannot_be_served_now_is_told_when_to_come_back(leaf: type[LinkingError]) -> None:
    told = "retry-after" in answer(made(leaf)).headers

    assert told == (status_of(leaf) == 503 or leaf is JunctionRateLimited)
