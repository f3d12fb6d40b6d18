"""What JunctionGateway promises: in memory, over HTTP against the simulator, and for real.

The real one is a Junction sandbox: JUNCTION_API_KEY=sk_... names it.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest

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
from domain.provider import Provider, Slug, slugs_to_link
from ports.junction_gateway import JunctionGateway
from tests.contracts.gateways import Simulated

Call = Callable[[JunctionGateway, JunctionUserId], Awaitable[object]]


def a_new_patient() -> PatientId:
    return PatientId(f"contract-{uuid.uuid4()}")


NOBODY = JunctionUserId("00000000-0000-4000-8000-000000000000")


async def test_patient_gets_one_junction_user(junction: JunctionGateway) -> None:
    patient = a_new_patient()

    first = await junction.find_or_create_user(patient)

    assert first.patient_id == patient
    assert first.team_id is not None
    assert await junction.find_or_create_user(patient) == first


async def test_patients_get_users_of_their_own(junction: JunctionGateway) -> None:
    users = [await junction.find_or_create_user(a_new_patient()) for _ in range(2)]

    assert users[0].id != users[1].id


async def test_calls_that_race_for_one_patient_get_one_user(junction: JunctionGateway) -> None:
    patient = a_new_patient()

    users = await asyncio.gather(*(junction.find_or_create_user(patient) for _ in range(5)))

    assert len({user.id for user in users}) == 1


async def test_user_is_found_without_being_made(junction: JunctionGateway) -> None:
    patient = a_new_patient()

    assert await junction.find_user(patient) is None
    assert await junction.find_user(patient) is None
    made = await junction.find_or_create_user(patient)
    assert await junction.find_user(patient) == made


@pytest.mark.parametrize("patient_id", [".", ".."])
async def test_patient_id_that_is_a_path_of_its_own_is_refused(
    junction: JunctionGateway, patient_id: str
) -> None:
    with pytest.raises(JunctionBadResponse):
        await junction.find_or_create_user(PatientId(patient_id))
    with pytest.raises(JunctionBadResponse):
        await junction.find_user(PatientId(patient_id))


@pytest.mark.parametrize("suffix", ["/", "a/b", "?x=1", "#", "%2e%2e", " ", "ü", "+", "/../x"])
async def test_patient_id_is_taken_literally(junction: JunctionGateway, suffix: str) -> None:
    patient = PatientId(a_new_patient() + suffix)

    user = await junction.find_or_create_user(patient)

    assert user.patient_id == patient
    assert await junction.find_or_create_user(patient) == user
    assert await junction.find_user(patient) == user


async def test_link_token_is_new_each_time(junction: JunctionGateway) -> None:
    user = await junction.find_or_create_user(a_new_patient())

    links = [
        await junction.mint_link_token(user.id, slugs=(), redirect_url=None) for _ in range(2)
    ]

    assert links[0].token.reveal() != links[1].token.reveal()
    assert links[0].web_url is not None
    assert links[0].web_url.startswith("http")


async def test_link_token_of_an_unknown_user_is_refused(junction: JunctionGateway) -> None:
    with pytest.raises(JunctionBadResponse):
        await junction.mint_link_token(NOBODY, slugs=(), redirect_url=None)


async def test_new_user_has_no_providers(junction: JunctionGateway) -> None:
    user = await junction.find_or_create_user(a_new_patient())

    assert await junction.list_providers(user.id) == []


async def test_unknown_user_has_no_list(junction: JunctionGateway) -> None:
    assert await junction.list_providers(NOBODY) is None


async def test_link_token_carries_what_it_was_restricted_to(simulated: Simulated) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient())
    slugs = slugs_to_link(Provider.FREESTYLE_LIBRE)

    link = await simulated.gateway.mint_link_token(
        user.id, slugs=slugs, redirect_url="https://app.example/back"
    )

    minted = simulated.model.open_token(link.token.reveal())
    assert minted.user_id == user.id
    assert minted.slugs == tuple(slugs)
    assert minted.redirect_url == "https://app.example/back"


async def test_list_is_what_junction_says_now(simulated: Simulated) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient())
    simulated.model.list_provider(user.id, Slug("oura"))
    simulated.model.list_provider(
        user.id, Slug("dexcom_v3"), status="error", error_type="token_refresh_failed"
    )
    simulated.model.list_provider(user.id, Slug("not_invented_yet"), status="resting")

    said = simulated.model.providers(user.id)
    assert await simulated.gateway.list_providers(user.id) == said

    simulated.model.unlist_provider(user.id, Slug("oura"))
    rows = await simulated.gateway.list_providers(user.id)
    assert rows is not None
    assert {row.slug for row in rows} == {"dexcom_v3", "not_invented_yet"}


async def test_deleted_user_has_no_list(simulated: Simulated) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient())
    simulated.model.delete_user(user.id)

    assert await simulated.gateway.list_providers(user.id) is None


async def test_full_sandbox_takes_no_more_users(simulated: Simulated) -> None:
    for _ in range(50):
        simulated.model.create_user(a_new_patient())

    with pytest.raises(JunctionBadResponse):
        await simulated.gateway.find_or_create_user(a_new_patient())


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
@pytest.mark.parametrize(
    "call",
    [
        lambda gateway, _: gateway.find_or_create_user(a_new_patient()),
        lambda gateway, _: gateway.find_user(a_new_patient()),
        lambda gateway, user: gateway.mint_link_token(user, slugs=(), redirect_url=None),
        lambda gateway, user: gateway.list_providers(user),
    ],
    ids=["find_or_create_user", "find_user", "mint_link_token", "list_providers"],
)
async def test_each_failure_has_its_error(
    simulated: Simulated, fault: Fault, error: type[JunctionError], call: Call
) -> None:
    gateway = simulated.gateway
    user = await gateway.find_or_create_user(a_new_patient())
    simulated.model.faults.order(fault)

    with pytest.raises(error) as raised:
        await call(gateway, user.id)

    if isinstance(raised.value, JunctionRateLimited):
        assert raised.value.retry_after == 1
    assert await gateway.list_providers(user.id) == []
