"""What Retention.forget promises, over every adapter."""

import asyncio

import pytest

from domain.errors import ConnectionNotFound, InvalidLinkToken
from domain.facts import Status
from domain.history import Cause
from domain.identifiers import JunctionUserId, PatientId
from domain.junction_event import MessageId
from domain.retention import Forget, Forgotten
from tests.builders import (
    ANNA,
    ANNAS_USER,
    BEN,
    a_caller,
    a_digest,
    a_listing,
    a_mint,
    a_report,
    minutes,
)
from tests.contracts.storages import Stored
from tests.news import a_letting_go, an_arrival, some_news

BENS_USER = JunctionUserId("2449752e-0d8a-40e0-9206-91ab099b2537")
OLDER = JunctionUserId("3449752e-0d8a-40e0-9206-91ab099b2537")
SOMEBODY = PatientId("forgotten-1")
FORGET_ANNA = Forget(patient_id=ANNA, pseudonym=SOMEBODY)
NOTHING = Forgotten(connections=0, link_tokens=0, junction_users=0, events=0)


@pytest.fixture
async def linked(stored: Stored) -> Stored:
    """Anna with two Junction users, three tokens and three rows; Ben with one of each."""
    await stored.ledger.enter(a_mint(digest=a_digest("older"), junction_user_id=OLDER))
    stored.clock.advance(minutes(1))
    for name in ("first", "second"):
        await stored.ledger.enter(a_mint(digest=a_digest(name), asked=stored.clock.monotonic()))
    await stored.connections.record(a_report(a_listing(), token=a_digest("first")))
    await stored.connections.note(
        some_news(
            a_listing(),
            a_listing("garmin"),
            a_listing("fitbit"),
            message_id=MessageId("annas"),
            asked=stored.clock.monotonic(),
        )
    )
    bens = {"patient_id": BEN, "junction_user_id": BENS_USER}
    await stored.ledger.enter(a_mint(digest=a_digest("ben's"), **bens))
    await stored.connections.record(a_report(a_listing(), token=a_digest("ben's"), **bens))
    async with stored.trail as trail:
        trail.refused(a_caller(ANNA), Cause.READ, "not_found", None)
        trail.refused(a_caller(BEN), Cause.READ, "not_found", None)
    return stored


async def test_everything_of_the_patients_goes_and_is_counted(linked: Stored) -> None:
    forgotten = await linked.retention.forget(FORGET_ANNA)

    assert forgotten == Forgotten(connections=3, link_tokens=3, junction_users=2, events=4)
    assert await linked.connections.list_for(ANNA) == []
    assert await linked.users.all_of(ANNA) == []
    for name in ("older", "first", "second"):
        assert await linked.ledger.find(a_digest(name)) is None
    for user_id in (ANNAS_USER, OLDER):
        assert await linked.users.find(user_id) is None


async def test_nothing_of_anybody_elses_goes(linked: Stored) -> None:
    rows = await linked.connections.list_for(BEN)
    entry = await linked.ledger.find(a_digest("ben's"))
    user = await linked.users.find(BENS_USER)
    lines = [event for event in await linked.events() if event.patient_id == BEN]

    await linked.retention.forget(FORGET_ANNA)

    assert await linked.connections.list_for(BEN) == rows != []
    assert await linked.ledger.find(a_digest("ben's")) == entry is not None
    assert await linked.users.find(BENS_USER) == user is not None
    assert [e for e in await linked.events() if e.patient_id == BEN] == lines
    assert len(lines) == 2


async def test_history_keeps_its_lines_of_somebody_whom_nobody_can_name(linked: Stored) -> None:
    before = await linked.events()

    await linked.retention.forget(FORGET_ANNA)

    after = await linked.events()
    assert [event.id for event in after] == [event.id for event in before]
    assert [event.outcome for event in after] == [event.outcome for event in before]
    assert [event.patient_id for event in after] == [
        SOMEBODY if event.patient_id == ANNA else BEN for event in before
    ]


async def test_history_is_found_under_neither_name(linked: Stored) -> None:
    row, *_ = await linked.connections.list_for(ANNA)

    await linked.retention.forget(FORGET_ANNA)

    for patient_id in (ANNA, SOMEBODY):
        with pytest.raises(ConnectionNotFound):
            await linked.connections.history(patient_id, row.id)
        with pytest.raises(ConnectionNotFound):
            await linked.connections.get(patient_id, row.id)


async def test_to_forget_again_finds_nothing(linked: Stored) -> None:
    await linked.retention.forget(FORGET_ANNA)
    again = Forget(patient_id=ANNA, pseudonym=PatientId("forgotten-2"))

    assert await linked.retention.forget(again) == NOTHING
    assert "forgotten-2" not in {event.patient_id for event in await linked.events()}


async def test_somebody_who_was_never_here_is_forgotten_already(stored: Stored) -> None:
    assert await stored.retention.forget(FORGET_ANNA) == NOTHING


@pytest.mark.parametrize("user_id", [ANNAS_USER, OLDER])
async def test_news_that_were_on_their_way_change_nothing(
    linked: Stored, user_id: JunctionUserId
) -> None:
    await linked.retention.forget(FORGET_ANNA)
    lines = await linked.events()
    news = some_news(
        a_listing(),
        junction_user_id=user_id,
        arrival=an_arrival(),
        letting_go=a_letting_go(),
        message_id=MessageId("late"),
    )

    assert await linked.connections.note(news) == []
    assert await linked.connections.list_for(ANNA) == []
    assert await linked.events() == lines
    assert await linked.connections.was_heard(MessageId("late"))


@pytest.mark.parametrize("name", ["first", "second", "older"])
async def test_exchange_that_was_on_its_way_is_refused(linked: Stored, name: str) -> None:
    await linked.retention.forget(FORGET_ANNA)
    lines = await linked.events()

    with pytest.raises(InvalidLinkToken):
        await linked.connections.record(a_report(a_listing(), token=a_digest(name)))

    assert await linked.connections.list_for(ANNA) == []
    assert await linked.events() == lines


async def test_patient_may_begin_anew_with_nothing_of_before(linked: Stored) -> None:
    ids = {row.id for row in await linked.connections.list_for(ANNA)}
    await linked.retention.forget(FORGET_ANNA)
    linked.clock.advance(minutes(1))

    await linked.ledger.enter(a_mint(asked=linked.clock.monotonic()))
    row = await linked.connections.record(a_report(a_listing("oura", "error")))

    assert row.status is Status.ERROR
    assert row.id not in ids
    assert await linked.connections.list_for(ANNA) == [row]
    assert len(await linked.connections.history(ANNA, row.id)) == 1


async def test_token_of_the_forgotten_may_become_somebody_elses(linked: Stored) -> None:
    """Nobody can say any more whose it was; Junction would not open with it either."""
    await linked.retention.forget(FORGET_ANNA)

    entry = await linked.ledger.enter(
        a_mint(digest=a_digest("first"), patient_id=BEN, junction_user_id=BENS_USER)
    )

    assert entry.patient_id == BEN


async def test_messages_stay_heard(linked: Stored) -> None:
    await linked.retention.forget(FORGET_ANNA)

    assert await linked.connections.was_heard(MessageId("annas"))


async def test_what_is_written_with_it_is_forgotten_with_it(stored: Stored) -> None:
    """All four wait together, and are committed in one transaction."""
    bens = {"patient_id": BEN, "junction_user_id": BENS_USER}
    await stored.ledger.enter(a_mint(digest=a_digest("ben's"), **bens))

    _, connection, rows, forgotten, bens_row = await asyncio.gather(
        stored.ledger.enter(a_mint()),
        stored.connections.record(a_report(a_listing())),
        stored.connections.note(
            some_news(a_listing(), a_listing("garmin"), message_id=MessageId("m"))
        ),
        stored.retention.forget(FORGET_ANNA),
        stored.connections.record(a_report(a_listing(), token=a_digest("ben's"), **bens)),
    )

    assert connection.status is Status.CONNECTED
    assert [row.provider for row in rows] == ["oura", "garmin"]
    assert forgotten == Forgotten(connections=2, link_tokens=1, junction_users=1, events=2)
    assert await stored.connections.list_for(ANNA) == []
    assert await stored.ledger.find(a_digest()) is None
    assert await stored.users.find(ANNAS_USER) is None
    assert [event.patient_id for event in await stored.events()] == [SOMEBODY, SOMEBODY, BEN]
    assert await stored.connections.list_for(BEN) == [bens_row]
