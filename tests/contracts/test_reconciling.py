"""Looking again at what is stale: over every gateway and every repository."""

from dataclasses import replace

from adapters.junction.faults import Fault
from domain.drift import Drift
from domain.facts import Status
from domain.history import Cause
from domain.provider import Provider, Slug
from tests.builders import ANNA, BEN, GARMIN, OURA, a_digest, a_mint, hours
from tests.contracts.forgotten import Forgotten
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
from tests.contracts.storages import Stored


async def test_what_changed_unheard_is_found_and_written_down(linking: Linking) -> None:
    ended, broken, _ = await all_linked(linking, 3, Provider.OURA)
    linking.junction.unlist_provider(ended, Slug("oura"))
    linking.junction.list_provider(
        broken, Slug("oura"), status="error", error_type="token_refresh_failed"
    )

    drift, _ = await run(linking)

    assert await statuses_of(linking, *patients(3)) == [
        Status.DISCONNECTED,
        Status.ERROR,
        Status.CONNECTED,
    ]
    assert drift.changes == {
        (Status.CONNECTED, Status.DISCONNECTED): 1,
        (Status.CONNECTED, Status.ERROR): 1,
        (Status.CONNECTED, Status.CONNECTED): 1,
    }
    assert (drift.users, drift.unanswered, drift.opened) == (3, 0, 0)
    told = [line for line in await linking.stored.events() if line.cause is Cause.RECONCILE]
    assert {(line.patient_id, line.outcome, line.request_id) for line in told} == {
        (patients(3)[0], "disconnected", RUN),
        (patients(3)[1], "error", RUN),
    }


async def test_what_was_looked_at_just_now_is_left_alone(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    linking.stored.clock.advance(hours(6))
    linking.junction.reads = 0

    drift, pages = await run(linking)

    assert (linking.junction.reads, drift, pages) == (0, Drift(), [])


async def test_second_run_finds_nothing_to_do(linking: Linking) -> None:
    await all_linked(linking, 3, Provider.OURA)
    assert await linking.reconciling.count(PLAN.older_than) == 3

    await run(linking)

    assert await linking.reconciling.count(PLAN.older_than) == 0
    assert await run(linking) == (Drift(), [])


async def test_links_that_may_be_overdue_come_first(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    await sought(linking, BEN, Provider.OURA)
    linking.stored.clock.advance(hours(26))

    async for rows in patient_service(linking).run(PLAN, Drift(), RUN):
        assert rows == 1
        break

    anna, ben = await rows_of(linking, ANNA, BEN)
    assert ben.status is Status.DISCONNECTED
    assert anna.facts.seen.asked_at < ben.facts.seen.asked_at


async def test_run_that_is_left_in_the_middle_goes_on_with_the_rest(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    await sought(linking, BEN, Provider.OURA)
    linking.stored.clock.advance(hours(26))
    linking.junction.reads = 0
    async for _ in patient_service(linking).run(PLAN, Drift(), RUN):
        break
    assert linking.junction.reads == 1

    drift, _ = await run(linking)

    assert linking.junction.reads == 2
    assert drift.changes == {(Status.CONNECTED, Status.CONNECTED): 1}


async def test_patient_of_several_rows_is_asked_about_once(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA, Provider.GARMIN)
    await sought(linking, ANNA, Provider.EIGHT_SLEEP)
    linking.stored.clock.advance(hours(24))

    for plan in (replace(PLAN, dry_run=True), PLAN):
        linking.junction.reads = 0
        drift, _ = await run(linking, plan)
        assert (linking.junction.reads, drift.users, drift.rows) == (1, 1, 3)


async def test_dry_run_counts_what_a_real_one_does_and_records_nothing(linking: Linking) -> None:
    users = await all_linked(linking, 4, Provider.OURA, Provider.GARMIN)
    linking.junction.unlist_provider(users[0], Slug("oura"))
    linking.junction.list_provider(users[1], Slug("garmin"), status="error")
    linking.junction.list_provider(users[2], Slug("fitbit"))
    before = await rows_of(linking, *patients(4)), await linking.stored.events()

    dry, _ = await run(linking, replace(PLAN, dry_run=True))
    after = await rows_of(linking, *patients(4)), await linking.stored.events()
    real, _ = await run(linking)

    assert after == before
    assert dry == real
    assert (real.changed, real.opened) == (2, 1)


async def test_link_that_nobody_came_back_from_is_found(linking: Linking) -> None:
    user = await linked(linking, ANNA, Provider.OURA)
    linking.junction.list_provider(user, Slug("garmin"))
    linking.stored.clock.advance(hours(24))

    drift, _ = await run(linking)

    assert drift.opened == 1
    found = await linking.stored.connections.find(ANNA, GARMIN)
    assert found is not None
    assert found.status is Status.CONNECTED


async def test_user_without_an_answer_stays_for_the_next_run(linking: Linking) -> None:
    silent, _ = await all_linked(linking, 2, Provider.OURA)
    linking.junction.unlist_provider(silent, Slug("oura"))
    linking.junction.faults.always[silent] = Fault.GARBAGE

    drift, _ = await run(linking)

    assert (drift.users, drift.unanswered) == (1, 1)
    assert await linking.reconciling.count(PLAN.older_than) == 1
    assert await statuses_of(linking, *patients(2)) == [Status.CONNECTED] * 2
    linking.junction.faults.always.clear()
    assert (await run(linking))[0].changes == {(Status.CONNECTED, Status.DISCONNECTED): 1}


async def test_user_who_is_gone_has_no_connection_left(linking: Linking) -> None:
    [gone] = await all_linked(linking, 1, Provider.OURA)
    linking.junction.delete_user(gone)

    await run(linking)

    assert await statuses_of(linking, *patients(1)) == [Status.DISCONNECTED]


async def test_user_of_the_past_is_not_asked_about(linking: Linking) -> None:
    await linked(linking, ANNA, Provider.OURA)
    newer = linking.junction.create_user(BEN).id
    linking.stored.clock.advance(hours(1))
    now = linking.stored.clock.monotonic()
    await linking.stored.ledger.enter(
        a_mint(digest=a_digest("newer"), junction_user_id=newer, asked=now)
    )
    linking.stored.clock.advance(hours(24))

    await run(linking)

    [row] = await rows_of(linking, ANNA)
    assert (row.provider, row.junction_user_id, row.status) == (OURA, newer, Status.DISCONNECTED)


async def test_patient_who_is_forgotten_meanwhile_is_passed_over(
    linking: Linking, stored: Stored
) -> None:
    await all_linked(linking, 1, Provider.OURA)
    linking.junction.reads = 0
    service = replace(patient_service(linking), users=Forgotten())
    drift = Drift()

    assert [rows async for rows in service.run(PLAN, drift, RUN)] == [1]

    assert (linking.junction.reads, drift) == (0, Drift())
    assert await stored.connections.count_stale(Status.CONNECTED, older_than=hours(6)) == 1
