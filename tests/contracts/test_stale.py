"""How ConnectionRepository finds what is stale, over every adapter."""

from datetime import timedelta

import pytest

from domain.connection import Connection
from domain.facts import Status
from domain.identifiers import JunctionUserId, PatientId
from domain.provider import Listing
from ports.repositories import StaleAfter
from tests.builders import NOW, a_digest, a_listing, a_mint, a_report, hours, minutes
from tests.contracts.storages import Stored
from tests.news import some_news

SIX_HOURS = hours(6)
LISTINGS: dict[Status, Listing | None] = {
    Status.CONNECTED: a_listing(),
    Status.ERROR: a_listing(status="error"),
    Status.DISCONNECTED: a_listing(status="paused"),
    Status.PENDING: None,
}


async def seen(
    stored: Stored, name: str, *, age: timedelta, listing: Listing | None
) -> Connection:
    """A patient's connection, at which Junction was last asked that long ago."""
    user, digest = JunctionUserId(f"user of {name}"), a_digest(name)
    whose = {"patient_id": PatientId(name), "junction_user_id": user}
    asked = stored.clock.monotonic() - age.total_seconds()
    await stored.ledger.enter(a_mint(digest=digest, asked=asked, **whose))
    report = a_report(listing, token=digest, asked=asked, **whose)
    return await stored.connections.record(report)


async def stale(
    stored: Stored,
    status: Status = Status.CONNECTED,
    *,
    older_than: timedelta = SIX_HOURS,
    after: StaleAfter | None = None,
    limit: int = 100,
) -> list[PatientId]:
    page = await stored.connections.stale(status, older_than=older_than, after=after, limit=limit)
    assert len(page) <= limit
    return [row.patient_id for row in page]


async def test_stalest_come_first_whoever_they_are(stored: Stored) -> None:
    for n in (3, 1, 5, 2, 4):
        await seen(stored, f"patient {n}", age=hours(10 * n), listing=a_listing())

    assert await stale(stored) == [f"patient {n}" for n in (5, 4, 3, 2, 1)]


async def test_row_is_given_as_it_is_stored(stored: Stored) -> None:
    row = await seen(stored, "anna", age=hours(7), listing=a_listing())

    assert list(
        await stored.connections.stale(Status.CONNECTED, older_than=SIX_HOURS, after=None, limit=1)
    ) == [row]


async def test_only_what_is_older_than_that_is_stale(stored: Stored) -> None:
    for name, age in (("younger", 5.9), ("as old", 6), ("older", 6.01)):
        await seen(stored, name, age=hours(age), listing=a_listing())

    assert await stale(stored) == ["older"]
    assert await stored.connections.count_stale(Status.CONNECTED, older_than=SIX_HOURS) == 1
    stored.clock.advance(minutes(1))
    assert await stale(stored) == ["older", "as old"]
    assert await stored.connections.count_stale(Status.CONNECTED, older_than=SIX_HOURS) == 2


async def test_row_is_no_longer_stale_once_it_was_looked_at(stored: Stored) -> None:
    await seen(stored, "anna", age=hours(7), listing=a_listing())
    news = some_news(
        a_listing(),
        patient_id=PatientId("anna"),
        junction_user_id=JunctionUserId("user of anna"),
        asked=stored.clock.monotonic(),
    )

    await stored.connections.note(news)

    assert await stale(stored) == []


@pytest.mark.parametrize("status", Status)
async def test_each_status_is_asked_for_by_itself(stored: Stored, status: Status) -> None:
    for each, listing in LISTINGS.items():
        await seen(stored, each, age=hours(7), listing=listing)

    assert await stale(stored, status) == [PatientId(status)]
    assert await stored.connections.count_stale(status, older_than=SIX_HOURS) == 1


async def test_row_is_found_by_what_it_has_become(stored: Stored) -> None:
    await seen(stored, "anna", age=hours(9), listing=a_listing())
    news = some_news(
        patient_id=PatientId("anna"),
        junction_user_id=JunctionUserId("user of anna"),
        asked=-hours(8).total_seconds(),
    )
    await stored.connections.note(news)

    assert await stale(stored) == []
    assert await stale(stored, Status.DISCONNECTED) == ["anna"]


@pytest.mark.parametrize("limit", [1, 2, 7, 8])
async def test_pages_one_behind_the_other_are_all_of_them_once(stored: Stored, limit: int) -> None:
    """Also of rows that were seen in one instant: then they are in order of id."""
    rows = [
        await seen(stored, f"patient {n}", age=hours(7 + n // 3), listing=a_listing())
        for n in range(7)
    ]
    pages: list[Connection] = []
    after = None
    while page := await stored.connections.stale(
        Status.CONNECTED, older_than=SIX_HOURS, after=after, limit=limit
    ):
        pages.extend(page)
        after = StaleAfter(page[-1].facts.seen.asked_at, page[-1].id)

    assert pages == sorted(rows, key=lambda row: (row.facts.seen.asked_at, row.id))


async def test_page_goes_on_though_the_row_it_ended_with_is_gone(stored: Stored) -> None:
    for n in range(4):
        await seen(stored, f"patient {n}", age=hours(10 - n), listing=a_listing())
    gone = await seen(stored, "gone", age=hours(9), listing=a_listing())
    after = StaleAfter(gone.facts.seen.asked_at, gone.id)
    await stored.connections.note(
        some_news(
            patient_id=gone.patient_id,
            junction_user_id=gone.junction_user_id,
            asked=stored.clock.monotonic(),
        )
    )

    assert await stale(stored, after=after) == ["patient 2", "patient 3"]
    assert NOW - hours(9) == after.seen_at
