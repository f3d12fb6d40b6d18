"""Replicas on one PostgreSQL: forgetting and sweeping while others write."""

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Any, Final

import pytest

from domain.connection import Connection
from domain.errors import InvalidLinkToken, StorageUnavailable
from domain.identifiers import JunctionUserId, PatientId
from domain.junction_event import MessageId
from domain.ledger import LedgerEntry
from domain.retention import Forget, Forgotten, Sweep
from tests.adapters.racing import begun_and_waiting, count_rows, deadlocks, in_the_way
from tests.adapters.replicas import Replica, Replicas
from tests.builders import ANNA, a_digest, a_listing, a_mint, a_report
from tests.news import some_news
from tests.postgresql import execute

FORGET: Final = Forget(patient_id=ANNA, pseudonym=PatientId("forgotten-1"))
OTHERS_FORGET: Final = (
    "DELETE FROM junction_users",
    "DELETE FROM link_tokens",
    "DELETE FROM connections",
)
PATIENTS: Final = [PatientId(f"patient {n}") for n in range(6)]
ROUNDS: Final = 12


@pytest.fixture
async def replicas(postgresql: str) -> AsyncIterator[list[Replica]]:
    async with Replicas(postgresql) as open_ones:
        replicas = [await open_ones.one_more() for _ in range(4)]
        await replicas[0].ledger.enter(a_mint())
        yield replicas


async def test_exchange_that_waits_behind_a_forgetting_is_refused(
    postgresql: str, replicas: list[Replica]
) -> None:
    async with in_the_way(postgresql, *OTHERS_FORGET):
        exchange = replicas[1].connections.record(a_report(a_listing()))
        waiting = await begun_and_waiting(postgresql, exchange)

    with pytest.raises(InvalidLinkToken):
        await waiting
    assert await count_rows(postgresql, "connections") == 0


async def test_news_that_wait_behind_a_forgetting_change_nothing(
    postgresql: str, replicas: list[Replica]
) -> None:
    await replicas[0].connections.record(a_report(a_listing()))
    async with in_the_way(postgresql, *OTHERS_FORGET):
        note = replicas[1].connections.note(some_news(a_listing(), a_listing("garmin")))
        waiting = await begun_and_waiting(postgresql, note)

    assert await waiting == []
    assert await count_rows(postgresql, "connections") == 0
    assert await count_rows(postgresql, "connection_events") == 1


async def test_mint_that_waits_behind_a_forgetting_begins_anew(
    postgresql: str, replicas: list[Replica]
) -> None:
    async with in_the_way(postgresql, *OTHERS_FORGET):
        mint = replicas[1].ledger.enter(a_mint(digest=a_digest("new")))
        waiting = await begun_and_waiting(postgresql, mint)

    entry = await waiting
    assert await replicas[0].ledger.find(a_digest("new")) == entry
    assert await replicas[0].ledger.find(a_digest()) is None
    await replicas[0].connections.record(a_report(a_listing(), token=a_digest("new")))


async def test_forgetting_that_waits_behind_a_mint_and_an_exchange_ends_them_too(
    postgresql: str, replicas: list[Replica]
) -> None:
    work_of_others = (
        "SELECT 1 FROM junction_users FOR UPDATE",
        "INSERT INTO junction_users VALUES ('newer', 'anna', NULL, 1, NULL)",
        "INSERT INTO link_tokens VALUES ('d', 'anna', 'newer', NULL, 1, 2, 'oura')",
        """
        INSERT INTO connections (id, patient_id, provider, junction_user_id, seen_at, opened_at)
        VALUES ('00000000-0000-7000-8000-000000000000', 'anna', 'oura', 'newer', 1, 1)
        """,
        """
        INSERT INTO connection_events
        VALUES ('e', 1, 'anna', 'c', 'oura', 'exchange', 'connected', NULL, 'r')
        """,
    )
    async with in_the_way(postgresql, *work_of_others):
        waiting = await begun_and_waiting(postgresql, replicas[1].retention.forget(FORGET))

    assert await waiting == Forgotten(connections=1, link_tokens=2, junction_users=2, events=1)
    assert await execute(postgresql, "SELECT 1 FROM connections") == []


async def test_two_replicas_that_forget_one_patient_remove_each_row_once(
    postgresql: str, replicas: list[Replica]
) -> None:
    await replicas[0].connections.record(a_report(a_listing()))

    answers = await asyncio.gather(*(each.retention.forget(FORGET) for each in replicas))

    assert (
        sorted(map(str, answers))[:3]
        == [str(Forgotten(connections=0, link_tokens=0, junction_users=0, events=0))] * 3
    )
    [all_of_it] = [answer for answer in answers if answer.connections]
    assert all_of_it == Forgotten(connections=1, link_tokens=1, junction_users=1, events=1)
    assert await deadlocks(postgresql) == 0


async def test_whatever_is_at_once_leaves_nothing_of_somebody_who_is_not_on_record(
    postgresql: str, replicas: list[Replica]
) -> None:
    """Mints, exchanges, news, forgettings and sweeps, in batches of any order.

    Who is forgotten and comes anew is nobody's to lock in between: there the server may have to
    choose whose transaction is run again. On a busy machine one may be given up: who hears of it
    may repeat it.
    """
    chance = random.Random(5)  # noqa: S311  (it is no secret)

    async def all_of_it(replica: Replica, round_: int) -> list[object]:
        work = [
            each
            for patient in PATIENTS
            for each in work_for(replica, patient, f"{patient} {round_} {id(replica)}")
        ]
        some = chance.sample(range(len(work)), len(work) // 2)
        for n in set(range(len(work))) - set(some):
            work[n].close()
        return await asyncio.gather(*(work[n] for n in some), return_exceptions=True)

    outcomes = [
        outcome
        for round_ in range(ROUNDS)
        for those in await asyncio.gather(*(all_of_it(each, round_) for each in replicas))
        for outcome in those
    ]
    kinds = {type(outcome) for outcome in outcomes} - {StorageUnavailable}

    on_record = "(SELECT junction_user_id FROM junction_users)"
    for table in ("link_tokens", "connections"):
        orphans = f"{table} WHERE junction_user_id NOT IN {on_record}"
        assert await count_rows(postgresql, orphans) == 0
    assert kinds == {LedgerEntry, Connection, InvalidLinkToken, list, Forgotten, int}


def work_for(replica: Replica, patient: PatientId, name: str) -> list[Coroutine[Any, Any, object]]:
    user, digest = JunctionUserId(f"user of {patient}"), a_digest(name)
    whose = {"patient_id": patient, "junction_user_id": user}
    listings = a_listing(), a_listing("garmin")
    return [
        replica.ledger.enter(a_mint(digest=digest, **whose)),
        replica.connections.record(a_report(a_listing(), token=digest, **whose)),
        replica.connections.note(some_news(*listings, message_id=MessageId(name[:11]), **whose)),
        replica.retention.forget(replace(FORGET, patient_id=patient)),
        replica.retention.sweep(Sweep(limit=1)),
    ]


OLD: Final = """
    INSERT INTO link_tokens SELECT 'd' || n, 'anna', 'u', NULL, 0, n, NULL
    FROM generate_series(1, 40) AS n
"""
OLD_MESSAGES: Final = (
    "INSERT INTO webhook_deliveries SELECT 'm' || n, n FROM generate_series(1, 40) n"
)


async def test_replicas_that_sweep_at_once_remove_each_row_once(
    postgresql: str, replicas: list[Replica]
) -> None:
    for statement in (OLD, OLD_MESSAGES):
        await execute(postgresql, statement)

    counts = await asyncio.gather(
        *(replica.retention.sweep(Sweep(limit=7)) for _ in range(4) for replica in replicas)
    )

    assert sum(counts) == 80
    assert max(counts) <= 14
    assert await count_rows(postgresql, "link_tokens") == 1  # the one that is not old
    assert await count_rows(postgresql, "webhook_deliveries") == 0


async def test_sweep_takes_the_oldest_and_waits_for_nobody(
    postgresql: str, replicas: list[Replica]
) -> None:
    for statement in (OLD, OLD_MESSAGES):
        await execute(postgresql, statement)
    held = (
        "SELECT 1 FROM link_tokens WHERE digest IN ('d1', 'd3') FOR UPDATE",
        "SELECT 1 FROM webhook_deliveries WHERE message_id = 'm2' FOR UPDATE",
    )
    async with in_the_way(postgresql, *held):
        assert await replicas[1].retention.sweep(Sweep(limit=2)) == 4

    left = await execute(
        postgresql,
        "SELECT digest FROM link_tokens WHERE minted_at = 0 AND expires_at < 6 "
        "UNION SELECT message_id FROM webhook_deliveries WHERE heard_at < 6",
    )
    assert {row[0] for row in left} == {"d1", "d3", "d5", "m2", "m4", "m5"}
