"""What JunctionGateway promises of ending: one connection, or a user with all of them.

The real one is a Junction sandbox: JUNCTION_API_KEY=sk_... names it.
"""

import uuid
from contextlib import suppress

import pytest

from adapters.clock import FixedClock
from adapters.junction.faults import Fault
from domain.identifiers import JunctionUserId, PatientId
from domain.junction_errors import JunctionBadResponse, JunctionError, JunctionTimeout
from domain.provider import Slug
from ports.junction_gateway import JunctionGateway
from tests.contracts.gateways import Simulated

BY = 10.0  # by a clock that begins at 0
NOBODY = JunctionUserId("00000000-0000-4000-8000-000000000000")
OURA, GARMIN = Slug("oura"), Slug("garmin")


def a_new_patient() -> PatientId:
    return PatientId(f"contract-{uuid.uuid4()}")


async def a_wearer_of(simulated: Simulated, *slugs: Slug) -> JunctionUserId:
    user = await simulated.gateway.find_or_create_user(a_new_patient(), by=BY)
    for slug in slugs:
        simulated.model.list_provider(user.id, slug)
    return user.id


async def listed(simulated: Simulated, user: JunctionUserId) -> list[Slug] | None:
    rows = await simulated.gateway.list_providers(user, by=BY)
    return None if rows is None else [row.slug for row in rows]


async def test_deregistered_provider_is_not_listed_and_the_others_are(
    simulated: Simulated,
) -> None:
    user = await a_wearer_of(simulated, OURA, GARMIN)
    another = await a_wearer_of(simulated, OURA)

    await simulated.gateway.deregister(user, OURA, by=BY)

    assert await listed(simulated, user) == [GARMIN]
    assert await listed(simulated, another) == [OURA]


@pytest.mark.parametrize("status", ["error", "paused", "connected"])
async def test_whatever_is_listed_can_be_deregistered(simulated: Simulated, status: str) -> None:
    user = await a_wearer_of(simulated)
    for slug in (OURA, Slug("not_invented_yet")):
        simulated.model.list_provider(user, slug, status=status)

        await simulated.gateway.deregister(user, slug, by=BY)

        assert await listed(simulated, user) == []


@pytest.mark.parametrize("slug", ["apple_health_kit", "health_connect", "samsung_health"])
async def test_provider_that_connects_by_itself_stays_listed(
    simulated: Simulated, slug: str
) -> None:
    user = await a_wearer_of(simulated, Slug(slug))

    await simulated.gateway.deregister(user, Slug(slug), by=BY)

    assert await listed(simulated, user) == [slug]


@pytest.mark.parametrize("slug", ["oura", "not_invented_yet", "a/b", "?x", "%2e%2e", " ", "ü"])
async def test_deregistering_what_is_not_connected_does_nothing(
    junction: JunctionGateway, slug: str
) -> None:
    user = await junction.find_or_create_user(a_new_patient(), by=BY)

    for _ in range(2):
        await junction.deregister(user.id, Slug(slug), by=BY)

    assert await junction.list_providers(user.id, by=BY) == []


@pytest.mark.parametrize("slug", ["", ".", ".."])
async def test_slug_that_would_name_the_user_ends_nothing(
    junction: JunctionGateway, slug: str
) -> None:
    user = await junction.find_or_create_user(a_new_patient(), by=BY)

    with pytest.raises(JunctionBadResponse):
        await junction.deregister(user.id, Slug(slug), by=BY)

    assert await junction.list_providers(user.id, by=BY) == []


async def test_nobodys_connection_ends_without_ado(junction: JunctionGateway) -> None:
    await junction.deregister(NOBODY, OURA, by=BY)
    await junction.delete_user(NOBODY, by=BY)

    assert await junction.list_providers(NOBODY, by=BY) is None


async def test_deleted_user_is_gone_with_all_connections(simulated: Simulated) -> None:
    user = await a_wearer_of(simulated, OURA, Slug("apple_health_kit"))
    another = await a_wearer_of(simulated, OURA)

    await simulated.gateway.delete_user(user, by=BY)

    assert await listed(simulated, user) is None
    assert await listed(simulated, another) == [OURA]


async def test_deleting_again_and_deregistering_afterwards_do_nothing(
    junction: JunctionGateway,
) -> None:
    user = await junction.find_or_create_user(a_new_patient(), by=BY)

    for _ in range(2):
        await junction.delete_user(user.id, by=BY)
        await junction.deregister(user.id, OURA, by=BY)

    assert await junction.list_providers(user.id, by=BY) is None


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.RATE_LIMITED])
async def test_ending_may_be_repeated_after_a_fault(simulated: Simulated, fault: Fault) -> None:
    user = await a_wearer_of(simulated, OURA)

    for _ in range(2):
        simulated.model.faults.order(fault)
        with suppress(JunctionError):
            await simulated.gateway.deregister(user, OURA, by=BY)
        await simulated.gateway.deregister(user, OURA, by=BY)
    assert await listed(simulated, user) == []

    for _ in range(2):
        simulated.model.faults.order(fault)
        with suppress(JunctionError):
            await simulated.gateway.delete_user(user, by=BY)
        await simulated.gateway.delete_user(user, by=BY)
    assert await listed(simulated, user) is None


async def test_nothing_ends_once_the_time_has_passed(
    simulated: Simulated, clock: FixedClock
) -> None:
    user = await a_wearer_of(simulated, OURA)

    with pytest.raises(JunctionTimeout):
        await simulated.gateway.deregister(user, OURA, by=clock.monotonic())
    with pytest.raises(JunctionTimeout):
        await simulated.gateway.delete_user(user, by=clock.monotonic())

    assert await listed(simulated, user) == [OURA]
