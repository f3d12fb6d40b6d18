"""What JunctionGateway promises: in memory, over HTTP against the simulator, and for real.

The real one is a Junction sandbox: JUNCTION_API_KEY=sk_... names it.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest

from domain.identifiers import JunctionUserId, PatientId
from domain.junction_errors import (
    JunctionBadResponse,
)
from domain.provider import Provider, Slug, slugs_to_link
from ports.junction_gateway import JunctionGateway
from tests.contracts.gateways import Simulated

Call = Callable[[JunctionGateway, JunctionUserId, float], Awaitable[object]]


def a_new_patient() -> PatientId:
    return PatientId(f"contract-{uuid.uuid4()}")


BY = 10.0  # by a clock that begins at 0 and stands still
NOBODY = JunctionUserId("00000000-0000-4000-8000-000000000000")


async def test_patient_gets_one_junction_user(junction: JunctionGateway) -> None:
    patient = a_new_patient()

    first = await junction.find_or_create_user(patient, by=BY)

    assert first.patient_id == patient
    assert first.team_id is not None
    assert await junction.find_or_create_user(patient, by=BY) == first


async def test_patients_get_users_of_their_own(junction: JunctionGateway) -> None:
    users = [await junction.find_or_create_user(a_new_patient(), by=BY) for _ in range(2)]

    assert users[0].id != users[1].id


async def test_calls_that_race_for_one_patient_get_one_user(junction: JunctionGateway) -> None:
    patient = a_new_patient()

    users = await asyncio.gather(*(junction.find_or_create_user(patient, by=BY) for _ in range(5)))

    assert len({user.id for user in users}) == 1


async def test_user_is_found_without_being_made(junction: JunctionGateway) -> None:
    patient = a_new_patient()

    assert await junction.find_user(patient, by=BY) is None
    assert await junction.find_user(patient, by=BY) is None
    made = await junction.find_or_create_user(patient, by=BY)
    assert await junction.find_user(patient, by=BY) == made


@pytest.mark.parametrize("patient_id", [".", ".."])
async def test_patient_id_that_is_a_path_of_its_own_is_refused(
    junction: JunctionGateway, patient_id: str
) -> None:
    with pytest.raises(JunctionBadResponse):
        await junction.find_or_create_user(PatientId(patient_id), by=BY)
    with pytest.raises(JunctionBadResponse):
        await junction.find_user(PatientId(patient_id), by=BY)


@pytest.mark.parametrize("suffix", ["/", "a/b", "?x=1", "#", "%2e%2e", " ", "ü", "+", "/../x"])
async def test_patient_id_is_taken_literally(junction: JunctionGateway, suffix: str) -> None:
    patient = PatientId(a_new_patient() + suffix)

    user = await junction.find_or_create_user(patient, by=BY)

    assert user.patient_id == patient
    assert await junction.find_or_create_user(patient, by=BY) == user
    assert await junction.find_user(patient, by=BY) == user


async def test_link_token_is_new_each_time(junction: JunctionGateway) -> None:
    user = await junction.find_or_create_user(a_new_patient(), by=BY)

    links = [
        await junction.mint_link_token(user.id, slugs=(), redirect_url=None, by=BY)
        for _ in range(2)
    ]

    assert links[0].token.reveal() != links[1].token.reveal()
    assert links[0].web_url is not None
    assert links[0].web_url.startswith("http")


async def test_link_token_of_an_unknown_user_is_refused(junction: JunctionGateway) -> None:
    with pytest.raises(JunctionBadResponse):
        await junction.mint_link_token(NOBODY, slugs=(), redirect_url=None, by=BY)


async def test_new_user_has_no_providers(junction: JunctionGateway) -> None:
    user = await junction.find_or_create_user(a_new_patient(), by=BY)

    assert await junction.list_providers(user.id, by=BY) == []


async def test_unknown_user_has_no_list(junction: JunctionGateway) -> None:
    assert await junction.list_providers(NOBODY, by=BY) is None


async def test_link_token_carries_what_it_was_restricted_to(simulated: Simulated) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient(), by=BY)
    slugs = slugs_to_link(Provider.FREESTYLE_LIBRE)

    link = await simulated.gateway.mint_link_token(
        user.id, slugs=slugs, redirect_url="https://app.example/back", by=BY
    )

    minted = simulated.model.open_token(link.token.reveal())
    assert minted.user_id == user.id
    assert minted.slugs == tuple(slugs)
    assert minted.redirect_url == "https://app.example/back"


async def test_list_is_what_junction_says_now(simulated: Simulated) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient(), by=BY)
    simulated.model.list_provider(user.id, Slug("oura"))
    simulated.model.list_provider(
        user.id, Slug("dexcom_v3"), status="error", error_type="token_refresh_failed"
    )
    simulated.model.list_provider(user.id, Slug("not_invented_yet"), status="resting")

    said = simulated.model.providers(user.id)
    assert await simulated.gateway.list_providers(user.id, by=BY) == said

    simulated.model.unlist_provider(user.id, Slug("oura"))
    rows = await simulated.gateway.list_providers(user.id, by=BY)
    assert rows is not None
    assert {row.slug for row in rows} == {"dexcom_v3", "not_invented_yet"}


async def test_deleted_user_has_no_list(simulated: Simulated) -> None:
    user = await simulated.gateway.find_or_create_user(a_new_patient(), by=BY)
    simulated.model.delete_user(user.id)

    assert await simulated.gateway.list_providers(user.id, by=BY) is None


async def test_full_sandbox_takes_no_more_users(simulated: Simulated) -> None:
    for _ in range(50):
        simulated.model.create_user(a_new_patient())

    with pytest.raises(JunctionBadResponse):
        await simulated.gateway.find_or_create_user(a_new_patient(), by=BY)
