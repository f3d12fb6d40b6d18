"""A run that keeps its rate, and stops where to go on would be in vain or worse."""

import asyncio
from dataclasses import replace

import pytest

from adapters.junction.faults import Fault
from domain.drift import Drift, TooManyLost
from domain.facts import Status
from domain.junction_errors import JunctionRejectedCredentials
from domain.looking import JunctionSilent
from domain.provider import Provider, Slug
from tests.builders import ANNA, BEN, hours
from tests.contracts import gateways
from tests.contracts.linking import Linking
from tests.contracts.reconciling import (
    PLAN,
    RUN,
    all_linked,
    linked,
    patient_service,
    patients,
    rows_of,
    run,
    sought,
    statuses_of,
)

FIVE = (Provider.OURA, Provider.GARMIN, Provider.EIGHT_SLEEP, Provider.GOOGLE_FIT, Provider.WHOOP)
NOT_OVER_A_SOCKET = pytest.mark.parametrize("simulated", [gateways.in_memory], indirect=True)


async def test_rate_is_kept(linking: Linking) -> None:
    await all_linked(linking, 11, Provider.OURA)
    began = linking.stored.clock.monotonic()

    await run(linking, replace(PLAN, rate=4))

    assert linking.stored.clock.monotonic() - began == pytest.approx(10 / 4)


async def test_rate_limit_holds_the_turns_that_follow(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    await sought(linking, BEN, Provider.OURA)
    linking.stored.clock.advance(hours(26))
    [bens] = await rows_of(linking, BEN)
    linking.junction.faults.always[bens.junction_user_id] = Fault.RATE_LIMITED
    drift = Drift()
    pages = linking.reconciling.run(PLAN, drift, RUN)
    await anext(pages)  # Ben's, of whom nothing is heard
    began = linking.stored.clock.monotonic()

    await anext(pages)

    assert (drift.users, drift.unanswered) == (1, 1)
    assert linking.stored.clock.monotonic() - began == pytest.approx(1, abs=0.1)


@NOT_OVER_A_SOCKET
async def test_more_than_a_page_is_gone_through_page_by_page(linking: Linking) -> None:
    await all_linked(linking, 42, *FIVE)
    linking.junction.reads = 0

    dry, dry_pages = await run(linking, replace(PLAN, dry_run=True))
    real, pages = await run(linking)

    assert dry_pages == [200, 10]
    assert sum(pages) <= 210
    assert (dry.users, dry.rows) == (real.users, real.rows) == (42, 210)
    assert linking.junction.reads == 2 * 42
    assert await linking.reconciling.count(PLAN.older_than) == 0


async def lose(linking: Linking, patients_of_five: int, lost: int) -> None:
    """Junction lists so many of their connections no more."""
    users = await all_linked(linking, patients_of_five, *FIVE)
    rows = [(user, slug) for user in users for slug in FIVE]
    for user, slug in rows[:lost]:
        linking.junction.unlist_provider(user, Slug(slug))


async def test_run_stops_before_it_records_that_too_many_are_lost(linking: Linking) -> None:
    await lose(linking, 10, lost=11)
    before = await rows_of(linking, *patients(10))
    drift = Drift()

    with pytest.raises(TooManyLost):
        await run(linking, drift=drift)

    assert drift.changes[Status.CONNECTED, Status.DISCONNECTED] == 11
    assert await rows_of(linking, *patients(10)) == before
    with pytest.raises(TooManyLost):  # nor does a dry one go on
        await run(linking, replace(PLAN, dry_run=True))


async def test_losses_that_were_agreed_to_are_recorded(linking: Linking) -> None:
    await lose(linking, 10, lost=50)

    await run(linking, replace(PLAN, accept_losses=True))

    assert set(await statuses_of(linking, *patients(10))) == {Status.DISCONNECTED}


@pytest.mark.parametrize(("patients_of_five", "lost"), [(10, 10), (9, 45)])
async def test_losses_that_are_few_or_of_few_are_recorded(
    linking: Linking, patients_of_five: int, lost: int
) -> None:
    await lose(linking, patients_of_five, lost)

    await run(linking)

    found = await statuses_of(linking, *patients(patients_of_five))
    assert found.count(Status.DISCONNECTED) == lost


async def test_links_that_never_appeared_are_given_up_however_many(linking: Linking) -> None:
    ten = patients(10)
    await asyncio.gather(*(sought(linking, patient, each) for patient in ten for each in FIVE))
    linking.stored.clock.advance(hours(26))

    await run(linking)

    assert await statuses_of(linking, *ten) == [Status.DISCONNECTED] * 50


async def test_twenty_questions_without_an_answer_are_enough(linking: Linking) -> None:
    await all_linked(linking, 20, Provider.OURA)
    linking.junction.faults.every = Fault.GARBAGE

    with pytest.raises(JunctionSilent):
        await run(linking)

    linking.junction.faults.every = None
    assert (await run(linking))[0].users == 20


async def test_nineteen_are_only_nineteen_without_an_answer(linking: Linking) -> None:
    await all_linked(linking, 19, Provider.OURA)
    linking.junction.faults.every = Fault.GARBAGE

    drift, _ = await run(linking)

    assert (drift.users, drift.unanswered) == (0, 19)


async def test_one_answer_among_twenty_is_one(linking: Linking) -> None:
    first, *others = await all_linked(linking, 20, Provider.OURA)
    linking.junction.faults.always = dict.fromkeys(others, Fault.GARBAGE)

    drift, _ = await run(linking)

    assert (drift.users, drift.unanswered) == (1, 19)
    assert linking.junction.user(first) is not None


async def test_refused_key_ends_the_run_and_nothing_of_the_page_is_recorded(
    linking: Linking,
) -> None:
    users = await all_linked(linking, 3, Provider.OURA)
    linking.junction.unlist_provider(users[0], Slug("oura"))
    linking.junction.faults.always[users[2]] = Fault.REJECTED_CREDENTIALS
    before = await rows_of(linking, *patients(3))

    with pytest.raises(JunctionRejectedCredentials):
        await run(linking)

    assert await rows_of(linking, *patients(3)) == before


async def test_question_has_its_own_patience(linking: Linking) -> None:
    """Those before it, and the turn that it waited for, take nothing from it."""
    await all_linked(linking, 3, Provider.OURA)
    service = replace(patient_service(linking), patience=gateways.PATIENCE)
    drift = Drift()
    for_each = [rows async for rows in service.run(replace(PLAN, rate=0.1), drift, RUN)]

    assert for_each == [3]
    assert drift.unanswered == 0
