"""What an event comes to, over every repository; the gateways are held to their own contract."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.clock import FixedClock
from adapters.junction.faults import Fault
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import user_id_of
from domain.connection import Connection
from domain.errors import StorageUnavailable
from domain.facts import Status
from domain.history import Cause
from domain.identifiers import JunctionUserId, PatientId, RequestId
from domain.junction_errors import JunctionError
from domain.junction_event import JunctionEvent, MessageId
from domain.provider import Provider, Slug
from tests.builders import ANNA, NOW, a_caller, a_mint, minutes
from tests.contracts import gateways
from tests.contracts.gateways import Simulated
from tests.contracts.linking import Linking
from tests.contracts.slow import Slow

ANNAS = user_id_of(ANNA)
OURA, GARMIN = Slug("oura"), Slug("garmin")
CREATED, FAILED = "provider.connection.created", "provider.connection.error"
DATA, HISTORY = "daily.data.sleep.created", "historical.data.sleep.created"


@pytest.fixture
async def simulated(clock: FixedClock) -> AsyncIterator[Simulated]:
    async with gateways.in_memory(clock) as simulated:
        yield simulated


class Hanging:
    async def list_providers(self, *_: object, **__: object) -> None:
        await asyncio.Event().wait()


def event(name: str = CREATED, **changes: Any) -> JunctionEvent:
    whole = JunctionEvent(
        message_id=MessageId("msg_1"),
        name=name,
        user_id=ANNAS,
        client_user_id=ANNA,
        team_id=JunctionModel.team_id,
        slug=OURA,
    )
    return replace(whole, **changes)


async def receive(linking: Linking, name: str = CREATED, **changes: Any) -> int:
    return await linking.webhooks.receive(event(name, **changes), RequestId("request-1"))


async def connections(linking: Linking) -> list[Connection]:
    return list(await linking.stored.connections.list_for(ANNA))


async def exchanged(linking: Linking, slug: str = "oura") -> Connection:
    token = await linking.minted_and_linked(slug)
    return await linking.service.exchange(a_caller(), token, None)


async def test_link_that_nobody_exchanged_is_found(linking: Linking) -> None:
    await linking.minted_and_linked("whoop_v2")

    assert await receive(linking, slug=Slug("whoop_v2")) == 1

    [found] = await connections(linking)
    assert (found.provider, found.status) == ("whoop", Status.CONNECTED)
    [told] = await linking.stored.connections.history(ANNA, found.id)
    assert (told.cause, told.outcome) == (Cause.WEBHOOK, "connected")


async def test_whole_list_is_read_whatever_the_event_names(linking: Linking) -> None:
    await exchanged(linking)
    linking.junction.unlist_provider(ANNAS, OURA)
    linking.junction.list_provider(ANNAS, Slug("strava"))
    linking.junction.list_provider(ANNAS, GARMIN, status="error", error_type="user_not_found")

    assert await receive(linking, slug=GARMIN) == 1

    assert {row.provider: row.status for row in await connections(linking)} == {
        "oura": Status.DISCONNECTED,
        "strava": Status.CONNECTED,
        "garmin": Status.ERROR,
    }


@pytest.mark.parametrize("name", [CREATED, FAILED])
@pytest.mark.parametrize("status", ["connected", "error", "paused"])
async def test_what_an_event_claims_is_not_believed(
    linking: Linking, name: str, status: str
) -> None:
    await exchanged(linking)
    linking.junction.list_provider(ANNAS, OURA, status=status)

    await receive(linking, name)

    said = {"connected": "connected", "error": "error", "paused": "disconnected"}
    assert [row.status for row in await connections(linking)] == [said[status]]


async def test_event_without_a_slug_has_the_list_read_all_the_same(linking: Linking) -> None:
    await linking.minted_and_linked()

    assert await receive(linking, slug=None) == 0
    assert len(await connections(linking)) == 1


async def test_user_who_is_gone_has_no_connection(linking: Linking) -> None:
    await exchanged(linking)
    linking.junction.delete_user(ANNAS)

    await receive(linking, FAILED)

    assert [row.status for row in await connections(linking)] == [Status.DISCONNECTED]


class TestData:
    async def test_of_a_link_that_stands_cost_junction_no_question(self, linking: Linking) -> None:
        before = await exchanged(linking)
        reads = linking.junction.reads
        linking.stored.clock.advance(minutes(5))

        assert await receive(linking, DATA) == 1

        [after] = await connections(linking)
        assert after.last_synced_at == NOW + minutes(5)
        assert after.facts == replace(before.facts, last_synced_at=after.last_synced_at)
        assert linking.junction.reads == reads

    @pytest.mark.parametrize(
        ("stamp", "synced"), [(minutes(-3), minutes(-3)), (minutes(9), minutes(0))]
    )
    async def test_have_the_time_they_say_but_for_the_future(
        self, linking: Linking, stamp: timedelta, synced: timedelta
    ) -> None:
        await exchanged(linking)

        await receive(linking, DATA, data_at=NOW + stamp)

        assert [row.last_synced_at for row in await connections(linking)] == [NOW + synced]

    async def test_that_are_older_move_nothing_back(self, linking: Linking) -> None:
        await exchanged(linking)
        for n, age in enumerate((1, 9)):
            message_id = MessageId(f"msg_{n}")
            await receive(linking, DATA, message_id=message_id, data_at=NOW - minutes(age))

        assert [row.last_synced_at for row in await connections(linking)] == [NOW - minutes(1)]

    async def test_of_a_link_that_is_not_on_record_have_the_list_read(
        self, linking: Linking
    ) -> None:
        await linking.minted_and_linked()

        assert await receive(linking, HISTORY) == 1

        [found] = await connections(linking)
        assert (found.status, found.last_synced_at) == (Status.CONNECTED, NOW)

    async def test_of_a_link_that_does_not_stand_have_the_list_read(
        self, linking: Linking
    ) -> None:
        await exchanged(linking)
        linking.junction.list_provider(ANNAS, OURA, status="error")
        await receive(linking, FAILED)
        linking.junction.list_provider(ANNAS, OURA)
        linking.stored.clock.advance(minutes(1))

        await receive(linking, DATA, message_id=MessageId("msg_2"))

        assert [row.status for row in await connections(linking)] == [Status.CONNECTED]

    async def test_do_not_revive_what_is_over(self, linking: Linking) -> None:
        await exchanged(linking)
        linking.junction.unlist_provider(ANNAS, OURA)
        await receive(linking)

        await receive(linking, DATA, message_id=MessageId("msg_2"))

        assert [row.status for row in await connections(linking)] == [Status.DISCONNECTED]

    async def test_are_not_what_garmin_calls_history(self, linking: Linking) -> None:
        await exchanged(linking, "garmin")

        await receive(linking, HISTORY, slug=GARMIN)
        assert [row.last_synced_at for row in await connections(linking)] == [None]

        await receive(linking, DATA, slug=GARMIN, message_id=MessageId("msg_2"))
        assert [row.last_synced_at for row in await connections(linking)] == [NOW]


class TestNoEffect:
    @pytest.mark.parametrize(
        "changes",
        [
            {"name": "provider.device.created"},
            {"name": "labtest.order.created"},
            {"name": "provider.connection.updated"},
            {"name": DATA, "slug": None},
            {"user_id": None},
            {"user_id": JunctionUserId("3449752e-0d8a-40e0-9206-91ab099b2537")},
        ],
        ids=["device", "lab", "unknown", "data of nobody", "no user", "unknown user"],
    )
    async def test_of_what_means_nothing_to_us(
        self, linking: Linking, changes: dict[str, Any]
    ) -> None:
        before = await exchanged(linking)
        linking.junction.unlist_provider(ANNAS, OURA)
        reads = linking.junction.reads

        await receive(linking, **changes)

        assert await connections(linking) == [before]
        assert linking.junction.reads == reads
        assert not await linking.stored.connections.was_heard(MessageId("msg_1"))

    async def test_of_a_slug_that_nobody_lists(self, linking: Linking) -> None:
        before = await exchanged(linking)

        assert await receive(linking, DATA, slug=Slug("nobody_knows")) == 0

        [after] = await connections(linking)
        assert (after.id, after.status) == (before.id, before.status)

    @pytest.mark.parametrize(
        ("changes", "outcome"),
        [
            ({"team_id": "7b8a1c5e-5d0b-5e39-9f5c-0e6a9d1f7a10"}, "foreign_team"),
            ({"client_user_id": "ben"}, "foreign_patient"),
        ],
    )
    async def test_of_what_is_not_ours_but_for_a_line(
        self, linking: Linking, changes: dict[str, str], outcome: str
    ) -> None:
        before = await exchanged(linking)
        linking.junction.unlist_provider(ANNAS, OURA)

        async with linking.stored.trail:
            assert await receive(linking, **changes) == 0

        assert await connections(linking) == [before]
        _, line = await linking.stored.events()
        assert (line.patient_id, line.cause, line.outcome) == (ANNA, Cause.WEBHOOK, outcome)

    async def test_of_a_user_of_the_past_but_for_a_line(self, linking: Linking) -> None:
        before = await exchanged(linking)
        linking.stored.clock.advance(minutes(1))
        newer = a_mint(
            digest="another",
            junction_user_id=JunctionUserId("4449752e-0d8a-40e0-9206-91ab099b2537"),
            asked=linking.stored.clock.monotonic(),
        )
        await linking.stored.ledger.enter(newer)
        linking.junction.unlist_provider(ANNAS, OURA)

        async with linking.stored.trail:
            assert await receive(linking) == 0

        assert await connections(linking) == [before]
        assert [line.outcome for line in await linking.stored.events()][1:] == ["superseded_user"]


async def test_message_that_comes_again_costs_nothing(linking: Linking) -> None:
    before = await exchanged(linking)
    await receive(linking, DATA)
    linking.junction.unlist_provider(ANNAS, OURA)
    reads = linking.junction.reads
    linking.stored.clock.advance(minutes(5))

    assert await receive(linking, DATA) == 1
    assert await receive(linking, FAILED) == 1

    assert linking.junction.reads == reads
    assert [row.last_synced_at for row in await connections(linking)] == [NOW]
    assert before.status is Status.CONNECTED


async def test_while_junction_cannot_be_asked_nothing_is_heard(linking: Linking) -> None:
    before = await exchanged(linking)
    linking.junction.list_provider(ANNAS, OURA, status="error")
    linking.junction.faults.every = Fault.GARBAGE

    with pytest.raises(JunctionError):
        await receive(linking, FAILED)
    assert await connections(linking) == [before]

    linking.junction.faults.every = None
    assert await receive(linking, FAILED) == 1
    assert [row.status for row in await connections(linking)] == [Status.ERROR]


async def test_sender_hears_in_time_that_it_is_too_late_to_tell(linking: Linking) -> None:
    before = await exchanged(linking)
    forever: Any = Hanging()
    late = replace(linking.webhooks, junction=forever, in_time=0.05)

    with pytest.raises(StorageUnavailable):
        await late.receive(event(FAILED), RequestId("request-1"))

    assert await connections(linking) == [before]
    assert not await linking.stored.connections.was_heard(MessageId("msg_1"))


async def test_each_event_has_a_look_of_its_own(linking: Linking) -> None:
    """One that began before may have missed what the event is about."""
    await linking.mint(Provider.OURA)
    reads = linking.junction.reads

    await asyncio.gather(*(receive(linking, message_id=MessageId(f"msg_{n}")) for n in range(5)))

    assert linking.junction.reads - reads == 5


async def test_look_has_the_time_of_its_beginning(linking: Linking) -> None:
    """An answer may be slow; what was asked meanwhile and answered first is newer."""
    await exchanged(linking)
    clock = linking.stored.clock
    slow = replace(linking.webhooks, junction=Slow(linking.service.junction, clock))
    slow = replace(slow, patience=100_000.0)
    linking.junction.list_provider(ANNAS, OURA, status="error")
    clock.advance(minutes(1))
    asked = clock.now()

    await slow.receive(event(FAILED), RequestId("request-1"))

    [row] = await connections(linking)
    assert row.facts.seen.asked_at == asked
    assert clock.now() > asked


async def test_data_of_a_newer_user_do_not_rest_on_a_row_of_the_former(linking: Linking) -> None:
    await exchanged(linking)
    linking.junction.delete_user(ANNAS)
    newer = linking.junction.create_user(PatientId("anna again")).id
    linking.stored.clock.advance(minutes(1))
    mint = a_mint(digest="another", junction_user_id=newer, asked=linking.stored.clock.monotonic())
    await linking.stored.ledger.enter(mint)

    assert await receive(linking, DATA, user_id=newer) == 1

    [row] = await connections(linking)
    assert (row.status, row.junction_user_id) == (Status.DISCONNECTED, newer)
