"""Property: what reaches us of a connection, in any order and with repeats, ends in the same rows.

And those say what Junction says. Here all has happened at Junction before any of it reaches us.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.clock import FixedClock
from domain.facts import Status
from domain.junction_event import JunctionEvent, MessageId
from domain.provider import ProviderName
from tests.builders import NOW, OURA, hours
from tests.contracts import storages
from tests.contracts.lives import REREADS, SECOND, SLUG, STAMPS, Delivery, Life
from tests.contracts.storages import Stored
from tests.contracts.worlds import WORLDS, Doing

State = dict[ProviderName, tuple[Any, ...]]

MESSAGES: Final = set(Delivery) - {Delivery.EXCHANGE, Delivery.REREAD}
SAMPLE: Final = 12  # orders of six for each world, where a write costs a transaction
WORDS: Final = {
    "connected": Status.CONNECTED,
    "error": Status.ERROR,
    "paused": Status.DISCONNECTED,
    "linking": Status.PENDING,
}


async def lived(stored: Stored, world: Sequence[Doing], order: Iterable[Delivery]) -> Life:
    life = await Life.begin(stored)
    for doing in world:
        stored.clock.advance(SECOND)
        await doing(life)
    messages = {name: message(life, name) for name in MESSAGES}
    for delivery in order:
        stored.clock.advance(SECOND)
        if delivery in messages:
            await life.hear(messages[delivery])
        else:
            await (life.exchange() if delivery is Delivery.EXCHANGE else life.reread())
    return life


def message(life: Life, name: Delivery) -> JunctionEvent:
    """The same each time: an event goes by one name, however often it is sent."""
    stamp = STAMPS.get(name)
    data_at = life.began - stamp if stamp else None
    return replace(
        life.event(name, data_at=data_at), message_id=MessageId(f"{life.user_id} {name}")
    )


async def state_of(life: Life) -> State:
    """As a caller sees it. A row that was never listed is as old as our hearing of it."""

    def since(moment: Any) -> timedelta | None:
        return None if moment is None else moment - life.began

    return {
        row.provider: (
            row.status,
            row.facts.error_type,
            since(row.connected_at if row.facts.listed else None),
            since(row.last_synced_at),
        )
        for row in await life.rows()
    }


def assert_true(life: Life, state: State, order: Iterable[Delivery]) -> None:
    """The rows say what Junction lists, and nothing that it does not."""
    user = life.junction.user(life.user_id)
    assert user is not None
    listed = {
        listing.provider: (
            WORDS[listing.status],
            listing.error_type,
            listing.created_on - life.began,
        )
        for listing in user.listings.values()
    }
    synced = max((-STAMPS[each] for each in order if each in STAMPS), default=None)
    for provider, (*said, last_synced) in state.items():
        assert last_synced == (synced if provider == OURA else None)
        if provider in listed:
            assert tuple(said) == listed[provider]
        else:
            assert said[0] in {Status.PENDING, Status.DISCONNECTED}
    if REREADS & set(order):
        assert listed.keys() <= state.keys()


@pytest.mark.parametrize("world", WORLDS)
async def test_every_order_of_six_ends_alike_and_true(world: str) -> None:
    async with storages.in_memory(FixedClock(NOW)) as stored:
        await assert_alike_and_true(stored, world, list(permutations(Delivery)))


@pytest.mark.parametrize("world", WORLDS)
async def test_orders_of_six_end_alike_and_true_in_every_repository(
    stored: Stored, world: str
) -> None:
    orders = random.Random(world).sample(list(permutations(Delivery)), SAMPLE)  # noqa: S311

    await assert_alike_and_true(stored, world, orders)


async def assert_alike_and_true(
    stored: Stored, world: str, orders: Sequence[Sequence[Delivery]]
) -> None:
    first: State | None = None
    for order in orders:
        life = await lived(stored, WORLDS[world], order)
        state = await state_of(life)
        assert_true(life, state, order)
        first = first or state
        assert state == first, order
    assert first is not None
    assert OURA in first


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[Delivery], list[Delivery]]:
    straight = draw(st.lists(st.sampled_from(Delivery), min_size=1, max_size=6, unique=True))
    repeats = draw(st.lists(st.sampled_from(straight), max_size=4))
    return straight, draw(st.permutations(straight + repeats))


@given(st.sampled_from(sorted(WORLDS)), two_orders())
@settings(
    max_examples=60,
    deadline=None,
    # The storage outlives an example; each example has patients of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_of_them_in_any_order_with_repeats_end_alike_and_true(
    stored: Stored, world: str, both: tuple[list[Delivery], list[Delivery]]
) -> None:
    """Of what is not read again some other provider's row may still be missing."""
    states = []
    for order in both:
        life = await lived(stored, WORLDS[world], order)
        state = await state_of(life)
        assert_true(life, state, order)
        states.append(state if REREADS & set(order) else {OURA: state.get(OURA)})

    assert states[0] == states[1]


@pytest.mark.parametrize("world", WORLDS)
async def test_message_that_comes_again_changes_nothing_whatever_happened_since(
    stored: Stored, world: str
) -> None:
    life = await lived(stored, WORLDS[world], Delivery)
    unstamped = life.event(Delivery.DAILY)
    await life.hear(unstamped)
    before = await life.rows()
    stored.clock.advance(hours(1))
    life.junction.list_provider(life.user_id, SLUG, status="error", error_type="unknown")

    for again in (unstamped, *(message(life, name) for name in MESSAGES)):
        await life.hear(again)

    assert await life.rows() == before
