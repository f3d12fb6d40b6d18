"""Whom HttpJunctionGateway takes for the patient's Junction user."""

from typing import Final

import pytest

from domain.identifiers import JunctionUser
from domain.junction_errors import JunctionBadResponse, JunctionUnavailable
from tests.adapters.upstream import BY, junction, reply
from tests.builders import ANNA, ANNAS_USER
from tests.logged import Logged

USER: Final = {"user_id": ANNAS_USER, "client_user_id": ANNA}
NOT_FOUND: Final = reply(404, {"detail": "User not found"})


async def test_refused_creation_says_whose_fault_it_is() -> None:
    async with junction(NOT_FOUND, reply(503, b"Later")) as (gateway, _):
        with pytest.raises(JunctionUnavailable):
            await gateway.find_or_create_user(ANNA, by=BY)


@pytest.mark.parametrize(
    "user",
    [
        USER | {"client_user_id": "ben"},
        USER | {"client_user_id": None},
        {"user_id": ANNAS_USER},
        {"client_user_id": ANNA},
        USER | {"user_id": "../link/token"},
        USER | {"user_id": 7},
        [USER],
    ],
    ids=["another's", "nobody's", "unclaimed", "no id", "path for an id", "number", "list"],
)
async def test_user_who_is_not_certainly_the_patients_is_a_bad_response(user: object) -> None:
    answer = reply(200, user)
    async with junction(answer, answer, NOT_FOUND, answer) as (gateway, _):
        with pytest.raises(JunctionBadResponse):  # resolved
            await gateway.find_or_create_user(ANNA, by=BY)
        with pytest.raises(JunctionBadResponse):
            await gateway.find_user(ANNA, by=BY)
        with pytest.raises(JunctionBadResponse):  # created
            await gateway.find_or_create_user(ANNA, by=BY)


async def test_user_created_meanwhile_is_the_one_the_conflict_names() -> None:
    detail = {"error_type": "INVALID_REQUEST", "user_id": ANNAS_USER, "created_on": "2026-11-22"}
    async with junction(NOT_FOUND, reply(400, {"detail": detail})) as (gateway, _):
        found = await gateway.find_or_create_user(ANNA, by=BY)

    assert found == JunctionUser(id=ANNAS_USER, patient_id=ANNA, team_id=None)


@pytest.mark.parametrize(
    "detail",
    [{"error_type": "INVALID_REQUEST"}, {"user_id": "not a UUID"}, "No room", ["No room"]],
    ids=["sandbox's cap", "not a UUID", "string", "list"],
)
async def test_creation_refused_without_a_user_is_logged_as_the_sandboxs_cap(
    detail: object, logged: Logged
) -> None:
    async with junction(NOT_FOUND, reply(400, {"detail": detail})) as (gateway, _):
        with pytest.raises(JunctionBadResponse):
            await gateway.find_or_create_user(ANNA, by=BY)

    assert logged.lines == [{"event": "junction_sandbox_full", "level": "error", "status": 400}]
