"""How JunctionGateway fails, by whichever adapter, and how long it takes over it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.junction.faults import Fault
from domain.identifiers import JunctionUserId, PatientId
from domain.junction_errors import (
    JunctionBadResponse,
    JunctionError,
    JunctionRateLimited,
    JunctionRejectedCredentials,
    JunctionTimeout,
    JunctionUnavailable,
)
from domain.provider import Slug
from ports.junction_gateway import JunctionGateway
from tests.contracts.gateways import PATIENCE, Simulated

Call = Callable[[JunctionGateway, JunctionUserId, float], Awaitable[object]]

BY = 10.0  # by a clock that begins at 0


def a_new_patient() -> PatientId:
    return PatientId(f"contract-{uuid.uuid4()}")


CALLS = pytest.mark.parametrize(
    "call",
    [
        lambda gateway, _, by: gateway.find_or_create_user(a_new_patient(), by=by),
        lambda gateway, _, by: gateway.find_user(a_new_patient(), by=by),
        lambda gateway, user, by: gateway.mint_link_token(
            user, slugs=(), redirect_url=None, by=by
        ),
        lambda gateway, user, by: gateway.list_providers(user, by=by),
        lambda gateway, user, by: gateway.deregister(user, Slug("oura"), by=by),
        lambda gateway, user, by: gateway.delete_user(user, by=by),
    ],
    ids=[
        "find_or_create_user",
        "find_user",
        "mint_link_token",
        "list_providers",
        "deregister",
        "delete_user",
    ],
)


@CALLS
async def test_calls_that_are_given_the_same_time_share_it(
    junction: JunctionGateway, clock: FixedClock, call: Call
) -> None:
    by = clock.monotonic() + 10
    user = await junction.find_or_create_user(a_new_patient(), by=by)

    clock.advance(timedelta(seconds=10))

    with pytest.raises(JunctionTimeout):
        await call(junction, user.id, by)


async def test_nothing_is_asked_once_the_time_has_passed(
    simulated: Simulated, clock: FixedClock
) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient(), by=BY)

    with pytest.raises(JunctionTimeout):
        await simulated.gateway.list_providers(user.id, by=clock.monotonic())

    await simulated.gateway.list_providers(user.id, by=BY)
    assert simulated.model.reads == 1


async def test_call_waits_for_what_is_left_of_the_time(
    simulated: Simulated, clock: FixedClock
) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient(), by=BY)
    clock.advance(timedelta(seconds=BY - 0.1))
    simulated.model.faults.every = Fault.SLOW

    async with asyncio.timeout(BY / 2):
        with pytest.raises(JunctionTimeout):
            await simulated.gateway.list_providers(user.id, by=BY)


@CALLS
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAVAILABLE, JunctionUnavailable),
        (Fault.SLOW, JunctionTimeout),
        (Fault.RATE_LIMITED, JunctionRateLimited),
        (Fault.REJECTED_CREDENTIALS, JunctionRejectedCredentials),
        (Fault.GARBAGE, JunctionBadResponse),
    ],
)
async def test_each_failure_has_its_error(
    simulated: Simulated,
    clock: FixedClock,
    fault: Fault,
    error: type[JunctionError],
    call: Call,
) -> None:
    gateway = simulated.gateway
    user = await gateway.find_or_create_user(a_new_patient(), by=BY)
    simulated.model.faults.every = fault

    with pytest.raises(error) as raised:
        await call(gateway, user.id, clock.monotonic() + PATIENCE)

    if isinstance(raised.value, JunctionRateLimited):
        assert raised.value.retry_after == 1
    simulated.model.faults.every = None
    assert await gateway.list_providers(user.id, by=BY) == []
