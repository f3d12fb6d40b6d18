"""Replicas on one PostgreSQL: one message heard by several, and news that meet an exchange."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest

from domain.connection import Connection
from domain.junction_event import MessageId
from tests.adapters.racing import begun_and_waiting, count_rows, deadlocks, in_the_way
from tests.adapters.replicas import Replica, Replicas
from tests.builders import ANNA, OURA, a_digest, a_listing, a_mint, a_report
from tests.news import some_news

MESSAGE: Final = MessageId("msg_1")


@pytest.fixture
async def replicas(postgresql: str) -> AsyncIterator[list[Replica]]:
    async with Replicas(postgresql) as open_ones:
        yield [await open_ones.one_more() for _ in range(4)]


async def test_one_message_that_two_replicas_hear_at_once_has_one_effect(
    postgresql: str, replicas: list[Replica]
) -> None:
    await replicas[0].ledger.enter(a_mint())
    names = ["oura", "garmin", "whoop", "dexcom"]

    answers = await asyncio.gather(
        *(
            replica.connections.note(some_news(a_listing(name), message_id=MESSAGE))
            for replica, name in zip(replicas, names, strict=True)
        )
    )

    [row] = await replicas[0].connections.list_for(ANNA)
    assert answers == [[row]] * 4
    assert await count_rows(postgresql, "connection_events") == 1
    assert await replicas[1].connections.was_heard(MESSAGE)


async def test_one_message_about_nobody_is_heard_once_by_all(
    postgresql: str, replicas: list[Replica]
) -> None:
    """No row of theirs is there to be locked: then the message itself is what they meet at."""
    news = [some_news(message_id=MessageId(f"msg_{n}")) for n in range(20)]

    await asyncio.gather(
        *(
            replica.connections.note(each)
            for n, replica in enumerate(replicas)
            for each in (news if n % 2 else news[::-1])
        )
    )

    assert await count_rows(postgresql, "webhook_deliveries") == 20
    assert await deadlocks(postgresql) == 0


async def test_message_that_waits_behind_the_same_one_changes_nothing(
    postgresql: str, replicas: list[Replica]
) -> None:
    await replicas[0].ledger.enter(a_mint())
    the_same = (
        "SELECT 1 FROM junction_users FOR UPDATE",
        "INSERT INTO webhook_deliveries VALUES ('msg_1', 0)",
    )
    async with in_the_way(postgresql, *the_same):
        news = some_news(a_listing(), message_id=MESSAGE)
        waiting = await begun_and_waiting(postgresql, replicas[1].connections.note(news))

    assert await waiting == []
    assert await count_rows(postgresql, "connection_events") == 0


async def test_note_and_exchange_of_one_patient_open_one_row(
    postgresql: str, replicas: list[Replica]
) -> None:
    digests = [a_digest(str(n)) for n in range(10)]
    await asyncio.gather(*(replicas[0].ledger.enter(a_mint(digest=d)) for d in digests))

    answers = await asyncio.gather(
        *(
            replicas[n % 4].connections.note(
                some_news(a_listing(), a_listing("garmin"), message_id=MessageId(f"msg_{n}"))
            )
            for n in range(10)
        ),
        *(
            replicas[n % 4].connections.record(a_report(a_listing(), token=digest))
            for n, digest in enumerate(digests)
        ),
    )

    rows = {row.provider: row.id for row in await replicas[0].connections.list_for(ANNA)}
    assert set(rows) == {OURA, "garmin"}
    exchanged = [answer for answer in answers if isinstance(answer, Connection)]
    assert {row.id for row in exchanged} == {rows[OURA]}
    assert await deadlocks(postgresql) == 0
