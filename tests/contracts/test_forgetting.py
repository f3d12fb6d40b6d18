"""Forgetting a patient: at Junction, then here; over every gateway and every repository."""

import pytest

from adapters.junction.faults import Fault
from adapters.junction.simulated_user import user_id_of
from domain.errors import InvalidLinkToken
from domain.facts import Status
from domain.forgetting import Forgetting, UserUnknown
from domain.history import Cause
from domain.identifiers import PatientId, RequestId
from domain.junction_errors import JunctionBadResponse
from domain.news import Look, News
from domain.provider import Provider
from domain.retention import Forgotten
from tests.builders import ANNA, BEN, a_caller, a_digest, a_listing, a_mint, minutes
from tests.contracts.linking import Linking
from tests.contracts.reconciling import linked

ANNAS = user_id_of(ANNA)
BENS = user_id_of(BEN)
NOBODY = Forgotten(connections=0, link_tokens=0, junction_users=0, events=0)


async def anna_and_ben(linking: Linking) -> None:
    """Anna has linked two wearables, Ben one."""
    await linked(linking, ANNA, Provider.OURA, Provider.GARMIN)
    await linked(linking, BEN, Provider.OURA)


async def test_patient_is_gone_there_and_here(linking: Linking) -> None:
    await anna_and_ben(linking)

    done = await linking.forgetting.forget(ANNA)

    here = Forgotten(connections=2, link_tokens=2, junction_users=1, events=2)
    assert done == Forgetting(at_junction=1, here=here)
    assert linking.junction.user(ANNAS) is None
    assert linking.junction.was_deleted(ANNAS)
    assert await linking.stored.connections.list_for(ANNA) == []
    assert await linking.stored.users.all_of(ANNA) == []
    assert await linking.stored.users.find(ANNAS) is None


async def test_others_stay_as_they_are(linking: Linking) -> None:
    await anna_and_ben(linking)
    before = await linking.stored.connections.list_for(BEN)

    await linking.forgetting.forget(ANNA)

    assert linking.junction.user(BENS) is not None
    assert await linking.stored.connections.list_for(BEN) == before
    assert [user.id for user in await linking.stored.users.all_of(BEN)] == [BENS]


async def test_history_keeps_its_lines_under_a_name_that_nobody_had(linking: Linking) -> None:
    await anna_and_ben(linking)
    before = await linking.stored.events()

    await linking.forgetting.forget(ANNA)

    after = await linking.stored.events()
    [pseudonym] = {line.patient_id for line in after} - {BEN}
    assert pseudonym.startswith("forgotten-")
    assert ANNA not in pseudonym
    assert [(line.id, line.outcome) for line in after] == [
        (line.id, line.outcome) for line in before
    ]
    # Their app may go on asking for a connection, and be refused under their name.
    assert {line.connection_id for line in after if line.patient_id == pseudonym} == {None}


async def test_each_of_the_forgotten_has_a_pseudonym_of_their_own(linking: Linking) -> None:
    await anna_and_ben(linking)

    for patient in (ANNA, BEN):
        await linking.forgetting.forget(patient)

    assert len({line.patient_id for line in await linking.stored.events()}) == 2


async def test_users_of_the_past_are_deleted_too(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    linking.stored.clock.advance(minutes(1))
    other = linking.junction.create_user(PatientId("anna, before she had a name")).id
    now = linking.stored.clock.monotonic()
    mint = a_mint(digest=a_digest("newer"), junction_user_id=other, asked=now)
    await linking.stored.ledger.enter(mint)

    done = await linking.forgetting.forget(ANNA)

    assert (done.at_junction, done.here.junction_users) == (2, 2)
    assert linking.junction.was_deleted(ANNAS)
    assert linking.junction.was_deleted(other)


async def test_user_whom_only_junction_knows_is_deleted(linking: Linking) -> None:
    linking.junction.create_user(ANNA)

    done = await linking.forgetting.forget(ANNA)

    assert done == Forgetting(at_junction=1, here=NOBODY)
    assert linking.junction.was_deleted(ANNAS)


async def test_patient_whom_nobody_knows_is_forgotten_already(linking: Linking) -> None:
    assert (await linking.forgetting.forget(ANNA)).here == NOBODY


async def test_key_that_knows_nobody_is_doubted(linking: Linking) -> None:
    """Our records are the only ones that name the users: they are kept until somebody is sure."""
    await anna_and_ben(linking)
    before = await linking.stored.connections.list_for(ANNA)
    linking.junction.delete_user(ANNAS)

    with pytest.raises(UserUnknown):
        await linking.forgetting.forget(ANNA)
    assert await linking.stored.connections.list_for(ANNA) == before

    done = await linking.forgetting.forget(ANNA, accept_unknown=True)
    assert (done.at_junction, done.here.connections) == (1, 2)


async def test_to_forget_again_does_no_harm(linking: Linking) -> None:
    await anna_and_ben(linking)
    await linking.forgetting.forget(ANNA)
    before = await linking.stored.events()

    assert (await linking.forgetting.forget(ANNA)).here == NOBODY
    assert await linking.stored.events() == before


@pytest.mark.parametrize("passed", [0, 1], ids=["resolve", "delete"])
async def test_nothing_is_removed_here_unless_it_is_there_and_it_may_be_repeated(
    linking: Linking, passed: int
) -> None:
    await anna_and_ben(linking)
    rows, events = await linking.stored.connections.list_for(ANNA), await linking.stored.events()
    linking.junction.faults.order(*[None] * passed, Fault.GARBAGE)

    with pytest.raises(JunctionBadResponse):
        await linking.forgetting.forget(ANNA)

    assert await linking.stored.connections.list_for(ANNA) == rows
    assert [user.id for user in await linking.stored.users.all_of(ANNA)] == [ANNAS]
    assert await linking.stored.events() == events
    assert (await linking.forgetting.forget(ANNA)).here.connections == 2
    assert linking.junction.was_deleted(ANNAS)


async def test_what_was_on_its_way_about_the_patient_brings_nothing_back(
    linking: Linking,
) -> None:
    token = await linking.minted_and_linked()
    await linking.service.exchange(a_caller(), token, None)
    await linking.forgetting.forget(ANNA)
    late = News(
        patient_id=ANNA,
        junction_user_id=ANNAS,
        cause=Cause.RECONCILE,
        request_id=RequestId("late"),
        look=Look(listings=[a_listing()], asked=linking.stored.clock.monotonic()),
    )

    assert await linking.stored.connections.note(late) == []
    with pytest.raises(InvalidLinkToken):
        await linking.service.exchange(a_caller(), token, None)
    assert await linking.stored.connections.list_for(ANNA) == []


async def test_who_was_forgotten_may_link_anew(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    [before] = await linking.stored.connections.list_for(ANNA)
    await linking.forgetting.forget(ANNA)

    await linked(linking, ANNA, Provider.OURA)

    [after] = await linking.stored.connections.list_for(ANNA)
    assert after.status is Status.CONNECTED
    assert after.id != before.id
