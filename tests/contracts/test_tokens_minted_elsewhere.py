"""LINK_TOKENS=caller: a token the ledger does not know is the one's who presents it first."""

import asyncio

import pytest

from adapters.junction.faults import Fault
from domain.errors import (
    InvalidLinkToken,
    LinkTokenExpired,
    ProviderMismatch,
    ProviderUndetermined,
)
from domain.facts import Status
from domain.identifiers import JunctionUserId, PatientId
from domain.junction_errors import JunctionUnavailable
from domain.link_token import LinkToken
from domain.provider import Provider, Slug
from tests.builders import ANNA, BEN, a_caller, hours, minutes
from tests.contracts.linking import Linking

TOKEN = LinkToken("minted by another backend")


@pytest.fixture
def trusting(linking: Linking) -> Linking:
    return linking.trusting_callers()


def a_user(linking: Linking, patient_id: PatientId = ANNA, *slugs: str) -> JunctionUserId:
    """The patient is known to Junction, with these linked."""
    user = linking.junction.create_user(patient_id)
    for slug in slugs:
        linking.junction.list_provider(user.id, Slug(slug))
    return user.id


async def test_unknown_token_is_refused_unless_callers_are_trusted(linking: Linking) -> None:
    a_user(linking, ANNA, "oura")

    with pytest.raises(InvalidLinkToken):
        await linking.service.exchange(a_caller(), TOKEN, Provider.OURA)

    assert await linking.stored.ledger.find(TOKEN.digest) is None


async def test_unknown_token_makes_the_callers_own_connection(trusting: Linking) -> None:
    a_user(trusting, BEN, "oura", "garmin")
    user = a_user(trusting, ANNA, "oura", "garmin")

    connection = await trusting.service.exchange(a_caller(), TOKEN, Provider.OURA)

    assert (connection.patient_id, connection.junction_user_id) == (ANNA, user)
    assert (connection.provider, connection.status) == ("oura", Status.CONNECTED)
    assert await trusting.stored.connections.list_for(BEN) == []


async def test_same_token_again_is_the_same_connection(trusting: Linking) -> None:
    a_user(trusting, ANNA, "oura")
    first = await trusting.service.exchange(a_caller(), TOKEN, Provider.OURA)
    trusting.junction.reads = 0

    assert await trusting.service.exchange(a_caller(), TOKEN, None) == first
    assert trusting.junction.reads == 0


async def test_token_of_a_patient_whom_junction_does_not_know_is_invalid(
    trusting: Linking,
) -> None:
    with pytest.raises(InvalidLinkToken):
        await trusting.service.exchange(a_caller(), TOKEN, Provider.OURA)

    assert trusting.junction.resolve(ANNA) is None  # and none was made
    assert await trusting.stored.ledger.find(TOKEN.digest) is None


async def test_named_provider_that_is_not_linked_yet_is_pending(trusting: Linking) -> None:
    user = a_user(trusting)

    early = await trusting.service.exchange(a_caller(), TOKEN, Provider.OURA)
    trusting.junction.list_provider(user, Slug("oura"))
    trusting.stored.clock.advance(minutes(1))
    late = await trusting.service.exchange(a_caller(), TOKEN, None)

    assert (early.status, late.status) == (Status.PENDING, Status.CONNECTED)
    assert late.id == early.id


@pytest.mark.parametrize("slugs", [(), ("oura", "garmin"), ("dexcom", "dexcom_v3")], ids=repr)
async def test_without_a_provider_anything_but_one_connected_row_is_undetermined(
    trusting: Linking, slugs: tuple[str, ...]
) -> None:
    a_user(trusting, ANNA, *slugs)

    for _ in range(2):  # the second time the ledger knows the token
        with pytest.raises(ProviderUndetermined):
            await trusting.service.exchange(a_caller(), TOKEN, None)
    assert await trusting.stored.connections.list_for(ANNA) == []


async def test_without_a_provider_the_one_connected_row_counts_however_old(
    trusting: Linking,
) -> None:
    user = a_user(trusting, ANNA, "fitbit")
    trusting.junction.list_provider(user, Slug("oura"), status="error")
    trusting.stored.clock.advance(hours(100))

    connection = await trusting.service.exchange(a_caller(), TOKEN, None)

    assert (connection.provider, connection.status) == ("fitbit", Status.CONNECTED)


async def test_who_presents_it_first_has_it(trusting: Linking) -> None:
    a_user(trusting, ANNA, "oura")
    a_user(trusting, BEN, "oura")
    await trusting.service.exchange(a_caller(), TOKEN, None)
    trusting.junction.reads = 0

    with pytest.raises(InvalidLinkToken):
        await trusting.service.exchange(a_caller(BEN), TOKEN, None)

    assert trusting.junction.reads == 0
    assert await trusting.stored.connections.list_for(BEN) == []


async def test_patients_who_race_with_one_token_have_one_winner(trusting: Linking) -> None:
    patients = [PatientId(f"patient-{n}") for n in range(10)]
    for patient in patients:
        a_user(trusting, patient, "oura")

    answers = await asyncio.gather(
        *(trusting.service.exchange(a_caller(patient), TOKEN, None) for patient in patients),
        return_exceptions=True,
    )

    losers = [answer for answer in answers if isinstance(answer, InvalidLinkToken)]
    [winner] = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert len(losers) == len(patients) - 1
    listed = [await trusting.stored.connections.list_for(patient) for patient in patients]
    assert [connections for connections in listed if connections] == [[winner]]


async def test_two_hundred_at_once_are_one_exchange(trusting: Linking) -> None:
    a_user(trusting, ANNA, "oura")

    answers = await asyncio.gather(
        *(trusting.service.exchange(a_caller(), TOKEN, None) for _ in range(200))
    )

    assert all(answer == answers[0] for answer in answers)
    assert trusting.junction.reads == 1


async def test_token_minted_here_stays_its_patients(trusting: Linking) -> None:
    token = await trusting.minted_and_linked()
    a_user(trusting, BEN, "oura")

    with pytest.raises(InvalidLinkToken):
        await trusting.service.exchange(a_caller(BEN), token, Provider.OURA)


async def test_token_minted_here_keeps_the_stricter_rule(trusting: Linking) -> None:
    await trusting.minted_and_linked()
    trusting.stored.clock.advance(minutes(6))
    token = await trusting.mint()

    with pytest.raises(ProviderUndetermined):  # though one row is connected, it is older
        await trusting.service.exchange(a_caller(), token, None)


async def test_presented_token_is_bound_like_any_other(trusting: Linking) -> None:
    a_user(trusting, ANNA, "oura", "garmin")
    await trusting.service.exchange(a_caller(), TOKEN, Provider.OURA)

    with pytest.raises(ProviderMismatch):
        await trusting.service.exchange(a_caller(), TOKEN, Provider.GARMIN)


async def test_presented_token_that_was_never_exchanged_expires(trusting: Linking) -> None:
    a_user(trusting)
    with pytest.raises(ProviderUndetermined):
        await trusting.service.exchange(a_caller(), TOKEN, None)
    trusting.stored.clock.advance(hours(25) + minutes(1))

    with pytest.raises(LinkTokenExpired):
        await trusting.service.exchange(a_caller(), TOKEN, None)


async def test_failure_to_find_the_user_leaves_no_trace(trusting: Linking) -> None:
    a_user(trusting, ANNA, "oura")
    trusting.junction.faults.every = Fault.UNAVAILABLE

    with pytest.raises(JunctionUnavailable):
        await trusting.service.exchange(a_caller(), TOKEN, None)

    trusting.junction.faults.every = None
    assert await trusting.stored.ledger.find(TOKEN.digest) is None
    assert (await trusting.service.exchange(a_caller(), TOKEN, None)).provider == "oura"


async def test_tokens_that_were_taken_on_trust_are_unknown_once_trust_ends(
    linking: Linking,
) -> None:
    a_user(linking, ANNA, "oura")
    await linking.trusting_callers().service.exchange(a_caller(), TOKEN, None)

    with pytest.raises(InvalidLinkToken):
        await linking.service.exchange(a_caller(), TOKEN, None)
    assert len(await linking.stored.connections.list_for(ANNA)) == 1
