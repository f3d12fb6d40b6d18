"""A run that keeps its rate, and stops where to go on would be in vain or worse."""

import asyncio
from dataclasses import replace

import pytest

from adapters.junction.faults import Fault
from domain.drift import Doubt, Drift, TooManyLost
from domain.facts import Status
from domain.junction_errors import JunctionRejectedCredentials
from domain.paced_looks import JunctionSilent
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
OF_MANY = pytest.mark.parametrize("simulated", [gateways.of_many], indirect=True)
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


async def test_dry_run_goes_on_to_say_what_is_lost(linking: Linking) -> None:
    await lose(linking, 10, lost=50)

    drift, _ = await run(linking, replace(PLAN, dry_run=True))

    assert drift.changes[Status.CONNECTED, Status.DISCONNECTED] == 50
    assert drift.doubt.is_raised


@NOT_OVER_A_SOCKET
async def test_runs_that_are_each_too_short_to_doubt_are_doubted_together(
    linking: Linking,
) -> None:
    """As those of the service are, between two of which little grows stale."""
    doubt = Doubt()
    for n in range(2):
        linking.stored.clock.advance(hours(1))
        users = await all_linked(linking, 30, Provider.OURA)
        for user in users:
            linking.junction.unlist_provider(user, Slug("oura"))
        drift = Drift(doubt=doubt)
        if n == 0:
            await run(linking, drift=drift)
            assert drift.changes[Status.CONNECTED, Status.DISCONNECTED] == 30
        else:
            with pytest.raises(TooManyLost):
                await run(linking, drift=drift)


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


@OF_MANY
async def test_hundred_questions_in_a_row_without_an_answer_are_enough(linking: Linking) -> None:
    await all_linked(linking, 100, Provider.OURA)
    linking.junction.faults.every = Fault.GARBAGE
    drift = Drift()

    with pytest.raises(JunctionSilent):
        await run(linking, drift=drift)

    assert drift.unanswered == 100
    linking.junction.faults.every = None
    assert (await run(linking))[0].users == 100


@OF_MANY
async def test_users_who_never_get_an_answer_keep_nobody_from_theirs(linking: Linking) -> None:
    """As long as they are few: whoever comes behind them is asked about."""
    first, *others = await all_linked(linking, 100, Provider.OURA)
    linking.junction.faults.always = dict.fromkeys(others, Fault.GARBAGE)

    drift, _ = await run(linking)

    assert (drift.users, drift.unanswered) == (1, 99)
    assert linking.junction.user(first) is not None


@pytest.mark.parametrize(("refused", "ends"), [(19, False), (20, True)])
async def test_key_that_is_refused_twenty_times_in_a_row_ends_the_run(
    linking: Linking, refused: int, *, ends: bool
) -> None:
    await all_linked(linking, refused, Provider.OURA)
    linking.junction.faults.every = Fault.REJECTED_CREDENTIALS
    drift = Drift()

    if ends:
        with pytest.raises(JunctionRejectedCredentials):
            await run(linking, drift=drift)
    else:
        await run(linking, drift=drift)

    assert (drift.users, drift.unanswered) == (0, refused)


async def test_refusal_of_one_is_not_held_against_the_others(linking: Linking) -> None:
    users = await all_linked(linking, 3, Provider.OURA)
    linking.junction.unlist_provider(users[0], Slug("oura"))
    linking.junction.faults.always[users[2]] = Fault.REJECTED_CREDENTIALS

    drift, _ = await run(linking)

    assert (drift.users, drift.unanswered) == (2, 1)
    assert (await statuses_of(linking, *patients(3)))[0] is Status.DISCONNECTED


async def test_row_that_is_not_stale_hides_none_that_is(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    linking.stored.clock.advance(hours(24))
    await sought(linking, ANNA, Provider.GARMIN)

    drift, _ = await run(linking)

    assert drift.users == 1


async def test_question_has_its_own_patience(linking: Linking) -> None:
    """Those before it, and the turn that it waited for, take nothing from it."""
    await all_linked(linking, 3, Provider.OURA)
    service = replace(patient_service(linking), patience=gateways.PATIENCE)
    drift = Drift()
    for_each = [rows async for rows in service.run(replace(PLAN, rate=0.1), drift, RUN)]

    assert for_each == [3]
    assert drift.unanswered == 0
