"""What ConnectionRepository.note promises of the rows, over every adapter."""

from datetime import datetime

import pytest

from domain.connection import Connection
from domain.facts import Status
from domain.identifiers import JunctionUserId, PatientId
from domain.provider import ProviderName
from tests.builders import (
    ANNA,
    ANNAS_USER,
    BEN,
    GARMIN,
    NOW,
    OURA,
    a_digest,
    a_listing,
    a_mint,
    a_report,
    hours,
    minutes,
)
from tests.contracts.storages import Stored
from tests.news import a_letting_go, an_arrival, some_news

FITBIT = ProviderName("fitbit")
NEWER = JunctionUserId("2449752e-0d8a-40e0-9206-91ab099b2537")


async def linked(stored: Stored, patient_id: PatientId = ANNA) -> Connection:
    """A patient who linked Oura a minute ago."""
    user_id = ANNAS_USER if patient_id == ANNA else JunctionUserId(f"user of {patient_id}")
    digest = a_digest(patient_id)
    whose = {"patient_id": patient_id, "junction_user_id": user_id}
    await stored.ledger.enter(a_mint(digest=digest, **whose))
    opened = await stored.connections.record(a_report(a_listing(), token=digest, **whose))
    stored.clock.advance(minutes(1))
    return opened


async def test_listed_rows_are_opened_and_returned_as_stored(stored: Stored) -> None:
    await stored.ledger.enter(a_mint())
    broken = a_listing("whoop_v2", "error", error_type="unknown", created_on=NOW - hours(1))

    returned = await stored.connections.note(some_news(broken, a_listing("fitbit")))

    assert {row.provider: row.status for row in returned} == {
        "whoop": Status.ERROR,
        FITBIT: Status.CONNECTED,
    }
    assert {row.facts.seen.listing for row in returned} == {broken, a_listing("fitbit")}
    assert {(row.patient_id, row.junction_user_id) for row in returned} == {(ANNA, ANNAS_USER)}
    assert {row.id.version for row in returned} == {7}
    assert await stored.connections.list_for(ANNA) == returned


async def test_every_row_of_the_patient_is_returned_the_oldest_first(stored: Stored) -> None:
    opened = await linked(stored)
    for name in ("whoop", "dexcom", "garmin"):
        await stored.connections.note(
            some_news(look=None, arrival=an_arrival(provider=ProviderName(name)))
        )
        await stored.connections.note(
            some_news(a_listing(), a_listing(name), asked=stored.clock.monotonic())
        )
        stored.clock.advance(minutes(1))

    returned = await stored.connections.note(some_news(look=None))

    assert [row.provider for row in returned] == [OURA, "whoop", "dexcom", "garmin"]
    assert returned[0].id == opened.id
    assert returned == await stored.connections.list_for(ANNA)


async def test_stored_rows_that_are_not_listed_are_absent(stored: Stored) -> None:
    opened = await linked(stored)

    [oura, garmin] = await stored.connections.note(
        some_news(a_listing("garmin"), asked=stored.clock.monotonic())
    )

    assert (oura.id, oura.status) == (opened.id, Status.DISCONNECTED)
    assert oura.facts.seen.asked_at == NOW + minutes(1)
    assert (garmin.provider, garmin.status) == (GARMIN, Status.CONNECTED)
    assert await stored.connections.find(ANNA, OURA) == oura


async def test_another_patients_rows_stay_as_they_are(stored: Stored) -> None:
    bens = await linked(stored, BEN)
    await linked(stored)

    await stored.connections.note(some_news(asked=stored.clock.monotonic()))

    assert await stored.connections.list_for(BEN) == [bens]


async def test_look_that_began_earlier_changes_nothing(stored: Stored) -> None:
    asked_early = stored.clock.monotonic()
    opened = await linked(stored)
    stored.clock.advance(minutes(1))
    await stored.connections.note(some_news(a_listing(), asked=stored.clock.monotonic()))

    [row] = await stored.connections.note(some_news(asked=asked_early))

    assert (row.id, row.status) == (opened.id, Status.CONNECTED)
    assert row.facts.seen.asked_at == NOW + minutes(2)


async def test_id_never_changes(stored: Stored) -> None:
    opened = await linked(stored)

    for listings in ([], [a_listing("oura", "error")], [a_listing()], []):
        stored.clock.advance(minutes(1))
        news = some_news(
            *listings, asked=stored.clock.monotonic(), arrival=an_arrival(), letting_go=None
        )
        [row] = await stored.connections.note(news)
        assert row.id == opened.id


class TestArrival:
    @pytest.mark.parametrize(
        ("at", "synced_at"),
        [
            (None, NOW + minutes(1)),
            (NOW - hours(1), NOW - hours(1)),
            (NOW + hours(1), NOW + minutes(1)),
        ],
        ids=["receipt", "Junction's time", "future"],
    )
    async def test_data_move_last_synced_at(
        self, stored: Stored, at: datetime | None, synced_at: datetime
    ) -> None:
        opened = await linked(stored)
        arrival = an_arrival(at=at, heard=stored.clock.monotonic())

        [row] = await stored.connections.note(some_news(look=None, arrival=arrival))

        assert opened.last_synced_at is None
        assert row.last_synced_at == synced_at
        assert row.facts.seen == opened.facts.seen
        assert await stored.connections.find(ANNA, OURA) == row

    async def test_last_synced_at_never_moves_back(self, stored: Stored) -> None:
        await linked(stored)
        times = [NOW - hours(n) for n in (5, 3, 4, 2, 9)]

        synced = []
        for at in times:
            news = some_news(look=None, arrival=an_arrival(at=at))
            [row] = await stored.connections.note(news)
            synced.append(row.last_synced_at)

        assert synced == [NOW - hours(n) for n in (5, 3, 3, 2, 2)]

    async def test_data_open_a_row_for_each_name_that_callers_use_listed_or_not(
        self, stored: Stored
    ) -> None:
        await stored.ledger.enter(a_mint())

        [row] = await stored.connections.note(some_news(arrival=an_arrival(at=NOW)))

        assert (row.provider, row.status) == (OURA, Status.DISCONNECTED)
        assert (row.last_synced_at, row.facts.listed) == (NOW, None)

    async def test_data_of_another_provider_open_a_row_only_where_it_is_listed(
        self, stored: Stored
    ) -> None:
        await stored.ledger.enter(a_mint())
        arrival = an_arrival(provider=FITBIT, at=NOW)

        assert await stored.connections.note(some_news(arrival=arrival)) == []
        [row] = await stored.connections.note(some_news(a_listing("fitbit"), arrival=arrival))
        assert (row.provider, row.last_synced_at) == (FITBIT, NOW)

    async def test_data_alone_open_nothing(self, stored: Stored) -> None:
        await stored.ledger.enter(a_mint())

        news = some_news(look=None, arrival=an_arrival())

        assert await stored.connections.note(news) == []


async def test_wish_to_let_go_is_stored(stored: Stored) -> None:
    await linked(stored)
    asked = stored.clock.monotonic()
    stored.clock.advance(minutes(1))

    [row] = await stored.connections.note(
        some_news(asked=stored.clock.monotonic(), letting_go=a_letting_go(asked=asked))
    )

    assert row.status is Status.DISCONNECTED
    assert row.facts.let_go_at == NOW + minutes(1)
    assert await stored.connections.list_for(ANNA) == [row]


async def test_news_of_a_junction_user_of_the_past_change_nothing(stored: Stored) -> None:
    opened = await linked(stored)
    newer = a_mint(
        digest=a_digest("newer"), junction_user_id=NEWER, asked=stored.clock.monotonic()
    )
    await stored.ledger.enter(newer)
    news = some_news(
        a_listing("garmin"),
        asked=stored.clock.monotonic(),
        arrival=an_arrival(),
        letting_go=a_letting_go(),
    )

    assert await stored.connections.note(news) == [opened]
    assert await stored.connections.list_for(ANNA) == [opened]
    assert len(await stored.events()) == 1


async def test_rows_are_the_current_junction_users_from_then_on(stored: Stored) -> None:
    opened = await linked(stored)
    asked = stored.clock.monotonic()
    await stored.ledger.enter(a_mint(digest=a_digest("n"), junction_user_id=NEWER, asked=asked))

    [row] = await stored.connections.note(some_news(junction_user_id=NEWER, asked=asked))

    assert (row.id, row.junction_user_id) == (opened.id, NEWER)
    assert row.status is Status.DISCONNECTED


@pytest.mark.parametrize("patient_id", [ANNA, BEN])
async def test_news_of_nobody_on_record_change_nothing(
    stored: Stored, patient_id: PatientId
) -> None:
    await stored.ledger.enter(a_mint(patient_id=BEN))
    bens_user_is_annas = some_news(a_listing(), patient_id=ANNA)
    unknown = some_news(a_listing(), patient_id=patient_id, junction_user_id=NEWER)

    assert await stored.connections.note(bens_user_is_annas) == []
    assert await stored.connections.note(unknown) == []
    assert await stored.events() == []
