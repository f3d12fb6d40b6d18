"""Property: whatever happens at Junction meanwhile, whoever asks last records what it says.

Events come late, swapped, repeated or never. Until then a connection keeps its id, and the time of
its newest data never moves back.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from domain.facts import Status
from domain.junction_event import JunctionEvent
from domain.news import Look
from domain.provider import Listing
from tests.builders import hours
from tests.contracts.lives import SECOND, SLUG, Delivery, Life
from tests.contracts.storages import Stored


class Step(StrEnum):
    """At Junction; then what the patient and the service do of their own accord."""

    CONNECT = "connect"
    FAIL = "fail"
    PAUSE = "pause"
    DEREGISTER = "deregister"
    SYNC = "sync"
    EXCHANGE = "exchange"
    LET_GO = "let go"
    REREAD = "reread"
    LOOK = "look"
    NOTE = "note what the oldest look saw"


# An integer hears the message of that number again, or for the first time, however old it is.
steps = st.lists(st.sampled_from(Step) | st.integers(0, 9), max_size=20)
lasts = st.sampled_from([Delivery.CREATED, Delivery.ERROR, Delivery.REREAD])

STATUSES: Final = {
    "connected": Status.CONNECTED,
    "error": Status.ERROR,
    "paused": Status.DISCONNECTED,
}


@given(steps, lasts)
@example([Step.CONNECT, Step.EXCHANGE, Step.DEREGISTER, 0], Delivery.REREAD)
@example([Step.CONNECT, 0, Step.SYNC, Step.SYNC, 2, 1, Step.FAIL, 2], Delivery.ERROR)
@example([Step.CONNECT, Step.EXCHANGE, Step.LET_GO, 0, Step.CONNECT, 0], Delivery.CREATED)
@example([Step.CONNECT, Step.LOOK, Step.FAIL, Step.REREAD, Step.NOTE], Delivery.CREATED)
@example([Step.CONNECT, Step.LOOK, Step.DEREGISTER], Delivery.REREAD)
@example([Step.CONNECT, Step.LOOK, Step.DEREGISTER, Step.REREAD, Step.NOTE], Delivery.CREATED)
@example([Step.CONNECT, Step.EXCHANGE, Step.LOOK, Step.FAIL], Delivery.ERROR)
@example([Step.CONNECT, Step.REREAD, Step.LOOK, Step.DEREGISTER], Delivery.CREATED)
@example([Step.CONNECT, Step.REREAD, Step.LOOK, Step.DEREGISTER, Step.CONNECT], Delivery.CREATED)
@example([Step.CONNECT, Step.EXCHANGE, Step.SYNC, 1, 3], Delivery.REREAD)
@settings(
    max_examples=200,
    deadline=None,
    # The storage outlives an example; each example has a patient of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_who_asks_last_records_what_junction_says(
    stored: Stored, happening: Sequence[Step | int], last: Delivery
) -> None:
    life = await Life.begin(stored)
    told: list[JunctionEvent] = []
    slow: list[Look] = []
    before: tuple[UUID | None, datetime | None] = None, None
    for step in happening:
        stored.clock.advance(SECOND)
        if isinstance(step, Step):
            happen(life, step, told)
            await act(life, step, slow)
        elif told:
            await life.hear(told[step % len(told)])
        before = await assert_grown(life, *before)
    stored.clock.advance(SECOND)
    await (life.reread() if last is Delivery.REREAD else life.hear(life.event(last)))
    for found in slow:  # older, and noted later, all the same
        await life.note(found)

    await assert_grown(life, *before)
    await assert_as_listed(life)


def happen(life: Life, step: Step, told: list[JunctionEvent]) -> None:
    """At Junction, which may tell us."""
    junction, user_id = life.junction, life.user_id
    listed = SLUG in listings_of(life)
    match step:
        case Step.CONNECT:
            junction.list_provider(user_id, SLUG)
            told.append(life.event(Delivery.CREATED))
        case Step.FAIL if listed:
            junction.list_provider(user_id, SLUG, status="error", error_type="user_not_found")
            told.append(life.event(Delivery.ERROR))
        case Step.PAUSE if listed:
            junction.list_provider(user_id, SLUG, status="paused")
        case Step.DEREGISTER if listed:
            junction.unlist_provider(user_id, SLUG)
        case Step.SYNC:
            now = life.linking.stored.clock.now()
            times = (now, None, now - hours(1), now + hours(1))
            told.extend(life.event(Delivery.DAILY, data_at=data_at) for data_at in times)


async def act(life: Life, step: Step, slow: list[Look]) -> None:
    """The patient, and the service of its own accord."""
    match step:
        case Step.EXCHANGE:
            await life.exchange()
        case Step.LET_GO:
            await life.let_go()
        case Step.REREAD:
            await life.reread()
        case Step.LOOK:
            slow.append(await life.look())
        case Step.NOTE if slow:
            await life.note(slow.pop(0))


def listings_of(life: Life) -> dict[str, Listing]:
    user = life.junction.user(life.user_id)
    assert user is not None
    return {listing.slug: listing for listing in user.listings.values()}


async def assert_grown(
    life: Life, id_: UUID | None, last_synced_at: datetime | None
) -> tuple[UUID | None, datetime | None]:
    row = await life.row()
    if row is None:
        assert id_ is None
        return None, None
    assert id_ in {None, row.id}
    if last_synced_at is not None:
        assert row.last_synced_at is not None
        assert row.last_synced_at >= last_synced_at
    if row.last_synced_at is not None:
        assert row.last_synced_at <= life.linking.stored.clock.now()
    return row.id, row.last_synced_at


async def assert_as_listed(life: Life) -> None:
    listing, rows = listings_of(life).get(SLUG), await life.rows()
    if listing is None:
        assert [row.status for row in rows if row.status in {Status.CONNECTED, Status.ERROR}] == []
        return
    [row] = rows
    assert row.status is STATUSES[listing.status]
    assert row.facts.error_type == listing.error_type
    assert row.connected_at == listing.created_on
