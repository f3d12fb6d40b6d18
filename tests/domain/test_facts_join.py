"""DESIGN 3: facts join in any order, with repeats, to the same row."""

from datetime import datetime, timedelta
from functools import reduce
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from domain.facts import Facts, Listed, Observation
from domain.provider import Listing, Slug
from tests.builders import NOW

T = TypeVar("T", datetime, Listed)

# Few moments, so that ties are the rule and not the exception.
moments = st.integers(0, 3).map(lambda hour: NOW + timedelta(hours=hour))

listings = st.builds(
    Listing,
    slug=st.sampled_from([Slug("dexcom"), Slug("dexcom_v3")]),
    status=st.sampled_from(["connected", "error", "paused", "linking"]),
    created_on=moments,
    error_type=st.sampled_from([None, "", "token_refresh_failed"]),
)


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    """Facts as a writer brings them: listed if and only if it saw a row."""
    asked_at: datetime = draw(moments)
    listing = draw(st.none() | listings)
    return Facts(
        seen=Observation(listing=listing, asked_at=asked_at),
        opened_at=draw(moments),
        listed=Listed(at=asked_at, created_on=listing.created_on) if listing else None,
        sought_at=draw(st.none() | moments),
        let_go_at=draw(st.none() | moments),
        last_synced_at=draw(st.none() | moments),
    )


@st.composite
def shuffled_with_repeats(draw: st.DrawFn) -> tuple[list[Facts], list[Facts]]:
    facts = draw(st.lists(all_facts(), min_size=1, max_size=6))
    repeats = draw(st.lists(st.sampled_from(facts), max_size=6))
    return facts, draw(st.permutations(facts + repeats))


@given(shuffled_with_repeats())
def test_any_order_with_repeats_ends_in_the_same_facts(
    orders: tuple[list[Facts], list[Facts]],
) -> None:
    straight, shuffled = orders

    assert reduce(Facts.join, straight) == reduce(Facts.join, shuffled)


@given(all_facts(), all_facts(), all_facts())
def test_joining_in_batches_is_the_same_as_one_by_one(a: Facts, b: Facts, c: Facts) -> None:
    assert a.join(b.join(c)) == a.join(b).join(c)


@given(all_facts(), all_facts())
def test_each_fact_grows_its_own_way(before: Facts, more: Facts) -> None:
    after = before.join(more)

    assert after.join(before) == after
    assert after.seen.asked_at >= before.seen.asked_at
    assert after.opened_at == min(before.opened_at, more.opened_at)
    assert after.listed == newest(before.listed, more.listed)
    assert after.sought_at == newest(before.sought_at, more.sought_at)
    assert after.let_go_at == newest(before.let_go_at, more.let_go_at)
    assert after.last_synced_at == newest(before.last_synced_at, more.last_synced_at)


def newest(*values: T | None) -> T | None:
    return max((value for value in values if value is not None), default=None)
