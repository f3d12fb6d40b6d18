"""Property: reports joined in any order, with repeats, end in the same row, in every repository.

And that row is what the domain's own join makes of them.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import reduce

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.facts import Facts, Listed, Observation
from domain.identifiers import JunctionUserId, PatientId
from domain.provider import Listing, Slug
from tests.builders import NOW, a_digest, a_mint, a_report
from tests.contracts.storages import Stored

listings = st.builds(
    Listing,
    slug=st.sampled_from([Slug("oura"), Slug("oura_v2")]),
    status=st.sampled_from(["connected", "error", "paused", "linking"]),
    created_on=st.integers(0, 3).map(lambda hour: NOW - timedelta(hours=hour)),
    error_type=st.sampled_from([None, "", "token_refresh_failed"]),
)

# What Junction said, and how many seconds ago: few moments, so that ties are common.
Sighting = tuple[Listing | None, int]
sightings = st.tuples(st.none() | listings, st.integers(0, 3))


@st.composite
def orders(draw: st.DrawFn) -> tuple[list[Sighting], list[Sighting]]:
    straight = draw(st.lists(sightings, min_size=1, max_size=6))
    repeats = draw(st.lists(st.sampled_from(straight), max_size=4))
    return straight, draw(st.permutations(straight + repeats))


@given(orders())
@settings(
    max_examples=100,
    deadline=None,
    # The storage outlives an example; each example has patients of its own.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_order_with_repeats_ends_in_the_same_row(
    stored: Stored, both: tuple[list[Sighting], list[Sighting]]
) -> None:
    straight, shuffled = both

    assert await row_of(stored, straight) == await row_of(stored, shuffled) == joined(straight)


async def row_of(stored: Stored, seen: Sequence[Sighting]) -> Facts:
    """The facts stored of a new patient of whom all this was reported."""
    patient = PatientId(str(uuid.uuid4()))
    user, digest = JunctionUserId(f"user-of-{patient}"), a_digest(patient)
    await stored.ledger.enter(a_mint(patient_id=patient, junction_user_id=user, digest=digest))
    for listing, seconds_ago in seen:
        await stored.connections.record(
            a_report(
                listing,
                patient_id=patient,
                junction_user_id=user,
                token=digest,
                asked=-float(seconds_ago),
            )
        )
    [row] = await stored.connections.list_for(patient)
    return row.facts


def joined(seen: Sequence[Sighting]) -> Facts:
    return reduce(Facts.join, (facts_of(*sighting) for sighting in seen))


def facts_of(listing: Listing | None, seconds_ago: int) -> Facts:
    asked_at = NOW - timedelta(seconds=seconds_ago)
    return Facts(
        seen=Observation(listing=listing, asked_at=asked_at),
        opened_at=NOW,
        listed=Listed(at=asked_at, created_on=listing.created_on) if listing else None,
        sought_at=NOW,
    )
