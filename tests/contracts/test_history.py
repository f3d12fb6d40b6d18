"""How ConnectionRepository pages through a connection's history, over every adapter."""

from uuid import UUID

import pytest

from domain.connection import Connection
from domain.errors import ConnectionNotFound
from domain.history import ConnectionEvent
from tests.builders import ANNA, BEN, a_listing, a_mint, minutes
from tests.contracts.storages import Stored
from tests.news import some_news

WORDS = ["connected", "error"] * 4


@pytest.fixture
async def row(stored: Stored) -> Connection:
    """A connection of which eight events tell, among as many of another's."""
    await stored.ledger.enter(a_mint())
    for word in WORDS:
        listings = a_listing(status=word), a_listing("garmin", word)
        await stored.connections.note(some_news(*listings, asked=stored.clock.monotonic()))
        stored.clock.advance(minutes(1))
    found = await stored.connections.list_for(ANNA)
    return found[-1]


async def all_of(stored: Stored, row: Connection) -> list[ConnectionEvent]:
    return [event for event in await stored.events() if event.connection_id == row.id][::-1]


async def test_whole_history_is_the_connections_own_newest_first(
    stored: Stored, row: Connection
) -> None:
    history = await stored.connections.history(ANNA, row.id)

    assert history == await all_of(stored, row)
    assert [event.outcome for event in history] == WORDS[::-1]


@pytest.mark.parametrize("limit", [1, 3, 8, 9])
async def test_pages_one_behind_the_other_are_the_whole(
    stored: Stored, row: Connection, limit: int
) -> None:
    pages, before = [], None
    while page := await stored.connections.history(ANNA, row.id, before=before, limit=limit):
        pages.append(page)
        before = page[-1].id

    assert [event for page in pages for event in page] == await all_of(stored, row)
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert len(pages[0]) == min(limit, len(WORDS))


async def test_event_that_is_written_meanwhile_is_on_no_later_page(
    stored: Stored, row: Connection
) -> None:
    whole = await all_of(stored, row)
    first = await stored.connections.history(ANNA, row.id, limit=3)
    await stored.connections.note(some_news(asked=stored.clock.monotonic()))

    rest = await stored.connections.history(ANNA, row.id, before=first[-1].id)

    assert [*first, *rest] == whole


async def test_page_may_begin_anywhere(stored: Stored, row: Connection) -> None:
    whole = await all_of(stored, row)
    between = UUID(int=whole[3].id.int - 1)

    assert await stored.connections.history(ANNA, row.id, before=between) == whole[4:]
    assert await stored.connections.history(ANNA, row.id, before=UUID(int=0)) == []
    assert await stored.connections.history(ANNA, row.id, before=UUID(int=2**128 - 1)) == whole


async def test_page_of_another_patients_history_is_not_found(
    stored: Stored, row: Connection
) -> None:
    with pytest.raises(ConnectionNotFound):
        await stored.connections.history(BEN, row.id, before=UUID(int=0), limit=1)
