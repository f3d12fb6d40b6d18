"""Ending a connection: at Junction, then here; over every gateway and every repository."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.junction.faults import Fault
from domain.connection import Connection
from domain.errors import ConnectionNotFound, StillConnected
from domain.facts import Status
from domain.history import Cause
from domain.junction_errors import JunctionBadResponse
from domain.provider import Provider, Slug
from tests.builders import ANNA, BEN, a_caller, a_digest, a_mint, hours, minutes
from tests.contracts.forgotten import Forgotten
from tests.contracts.linking import Linking

APPLE = Slug("apple_health_kit")


async def connected(linking: Linking, slug: str = "oura") -> Connection:
    """A connection of an hour ago."""
    connection = await linking.service.exchange(
        a_caller(), await linking.minted_and_linked(slug), None
    )
    assert connection.status is Status.CONNECTED
    linking.stored.clock.advance(hours(1))
    return connection


async def status_of(linking: Linking, connection: Connection) -> Status:
    return (await linking.stored.connections.get(ANNA, connection.id)).status


def listed(linking: Linking, connection: Connection) -> set[Slug]:
    user = linking.junction.user(connection.junction_user_id)
    return set(user.listings) if user else set()


async def test_connection_is_ended_there_and_here(linking: Linking) -> None:
    connection = await connected(linking)

    await linking.lifecycle.disconnect(a_caller(), connection.id)

    assert listed(linking, connection) == set()
    ended = await linking.stored.connections.get(ANNA, connection.id)
    assert ended.status is Status.DISCONNECTED
    assert ended.facts.let_go_at == linking.stored.clock.now()
    [newest] = await linking.lifecycle.history(a_caller(), connection.id, before=None, limit=1)
    assert (newest.cause, newest.outcome) == (Cause.DISCONNECT, "disconnected")


async def test_what_else_junction_lists_by_then_is_recorded_too(linking: Linking) -> None:
    connection = await connected(linking)
    linking.junction.list_provider(connection.junction_user_id, Slug("garmin"))

    await linking.lifecycle.disconnect(a_caller(), connection.id)

    rows = await linking.stored.connections.list_for(ANNA)
    assert {row.provider: row.status for row in rows} == {
        "oura": Status.DISCONNECTED,
        "garmin": Status.CONNECTED,
    }


async def test_users_of_the_past_are_ended_too(linking: Linking) -> None:
    connection = await connected(linking)
    newer = linking.junction.create_user(BEN).id
    linking.junction.list_provider(newer, Slug("oura"))
    mint = a_mint(
        digest=a_digest("newer"),
        junction_user_id=newer,
        asked=linking.stored.clock.monotonic(),
    )
    await linking.stored.ledger.enter(mint)

    await linking.lifecycle.disconnect(a_caller(), connection.id)

    for user_id in (connection.junction_user_id, newer):
        user = linking.junction.user(user_id)
        assert user is not None
        assert user.listings == {}
    assert await status_of(linking, connection) is Status.DISCONNECTED


async def test_pending_link_that_is_let_go_is_given_up(linking: Linking) -> None:
    token = await linking.mint(Provider.OURA)
    pending = await linking.service.exchange(a_caller(), token, None)
    linking.stored.clock.advance(minutes(1))

    await linking.lifecycle.disconnect(a_caller(), pending.id)

    assert pending.status is Status.PENDING
    assert await status_of(linking, pending) is Status.DISCONNECTED


async def test_link_that_is_made_afterwards_stands(linking: Linking) -> None:
    connection = await connected(linking)
    await linking.lifecycle.disconnect(a_caller(), connection.id)
    linking.stored.clock.advance(minutes(1))

    again = await connected(linking)

    assert (again.id, again.status) == (connection.id, Status.CONNECTED)


async def test_app_that_keeps_it_is_looked_at_twice_and_told_of(linking: Linking) -> None:
    connection = await connected(linking, APPLE)
    linking.junction.reads, began = 0, linking.stored.clock.monotonic()
    patient = replace(linking.lifecycle, patience=10.0)

    with pytest.raises(StillConnected):
        await patient.disconnect(a_caller(), connection.id)

    assert linking.junction.reads == 2
    assert linking.stored.clock.monotonic() - began == 1
    assert await status_of(linking, connection) is Status.CONNECTED


async def test_end_that_takes_a_moment_is_seen_at_the_second_look(linking: Linking) -> None:
    connection = await connected(linking, APPLE)
    linking.junction.reads = 0

    async def ends_meanwhile(seconds: float) -> None:
        linking.stored.clock.advance(timedelta(seconds=seconds))
        linking.junction.unlist_provider(connection.junction_user_id, APPLE)

    patient = replace(linking.lifecycle, patience=10.0, sleep=ends_meanwhile)

    await patient.disconnect(a_caller(), connection.id)

    assert linking.junction.reads == 2
    assert await status_of(linking, connection) is Status.DISCONNECTED


async def test_row_that_is_listed_but_not_as_connected_is_not_waited_for(
    linking: Linking,
) -> None:
    connection = await connected(linking, APPLE)
    linking.junction.list_provider(connection.junction_user_id, APPLE, status="error")
    linking.junction.reads = 0

    await replace(linking.lifecycle, patience=10.0).disconnect(a_caller(), connection.id)

    assert linking.junction.reads == 1
    assert await status_of(linking, connection) is Status.ERROR


async def test_second_look_is_left_out_where_there_is_no_time_for_it(linking: Linking) -> None:
    connection = await connected(linking, APPLE)
    linking.junction.reads = 0

    with pytest.raises(StillConnected):
        await linking.lifecycle.disconnect(a_caller(), connection.id)

    assert linking.junction.reads == 1


@pytest.mark.parametrize("passed", [0, 1], ids=["deregister", "look"])
async def test_end_that_junction_did_not_confirm_changes_nothing_and_may_be_repeated(
    linking: Linking, passed: int
) -> None:
    connection = await connected(linking)
    before = await linking.stored.events()
    linking.junction.faults.order(*[None] * passed, Fault.GARBAGE)

    with pytest.raises(JunctionBadResponse):
        await linking.lifecycle.disconnect(a_caller(), connection.id)

    assert await linking.stored.connections.list_for(ANNA) == [connection]
    assert await linking.stored.events() == before
    await linking.lifecycle.disconnect(a_caller(), connection.id)
    assert await status_of(linking, connection) is Status.DISCONNECTED


@pytest.mark.parametrize("moment", range(0, 12, 2))
async def test_end_that_is_cut_off_may_be_repeated(linking: Linking, moment: int) -> None:
    """As when the service stops: whatever was done by then, the rest is done by a repeat."""
    connection = await connected(linking)
    cut_off = asyncio.create_task(linking.lifecycle.disconnect(a_caller(), connection.id))
    for _ in range(moment):
        await asyncio.sleep(0)
    cut_off.cancel()
    await asyncio.gather(cut_off, return_exceptions=True)

    assert await status_of(linking, connection) in {Status.CONNECTED, Status.DISCONNECTED}
    await linking.lifecycle.disconnect(a_caller(), connection.id)
    assert listed(linking, connection) == set()
    assert await status_of(linking, connection) is Status.DISCONNECTED


@pytest.mark.parametrize("whose", ["foreign", "forgotten"])
async def test_connection_that_is_not_the_callers_is_left_alone_and_the_attempt_written_down(
    linking: Linking, whose: str
) -> None:
    connection = await connected(linking)
    linking.junction.reads = 0
    lifecycle, caller = linking.lifecycle, a_caller(BEN)
    if whose == "forgotten":  # between two questions
        lifecycle, caller = replace(lifecycle, users=Forgotten()), a_caller()

    async with linking.stored.trail:
        with pytest.raises(ConnectionNotFound):
            await lifecycle.disconnect(caller, connection.id)

    assert linking.junction.reads == 0
    assert listed(linking, connection) == {"oura"}
    assert await status_of(linking, connection) is Status.CONNECTED
    *_, line = await linking.stored.events()
    assert (line.cause, line.outcome) == (Cause.DISCONNECT, "not_found")
    assert (line.patient_id, line.connection_id) == (caller.patient_id, connection.id)
