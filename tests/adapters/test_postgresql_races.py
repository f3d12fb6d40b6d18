"""Replicas on one PostgreSQL: what they do at the same time, each in transactions of its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from domain.connection import Connection
from domain.errors import InvalidLinkToken, ProviderMismatch, StorageUnavailable
from domain.identifiers import JunctionUserId, PatientId
from domain.junction_errors import JunctionContradiction
from domain.ledger import LedgerEntry
from domain.provider import ProviderName
from tests.adapters.replicas import Replica, Replicas
from tests.builders import ANNA, BEN, OURA, a_digest, a_listing, a_mint, a_report
from tests.postgresql import execute, execute_script

OF_BATCHES = 10


@pytest.fixture
async def replicas(postgresql: str) -> AsyncIterator[list[Replica]]:
    async with Replicas(postgresql) as open_ones:
        yield [await open_ones.one_more() for _ in range(4)]


async def test_first_reports_of_one_row_are_joined_whoever_makes_them(
    replicas: list[Replica],
) -> None:
    digests = [a_digest(str(n)) for n in range(40)]
    await asyncio.gather(*(replicas[0].ledger.enter(a_mint(digest=d)) for d in digests))

    answers = await asyncio.gather(
        *(
            replicas[n % 4].connections.record(a_report(a_listing(), token=digest))
            for n, digest in enumerate(digests)
        )
    )

    assert len({answer.id for answer in answers}) == 1
    [row] = await replicas[0].connections.list_for(ANNA)
    entries = [await replicas[1].ledger.find(digest) for digest in digests]
    assert {entry.bound_to for entry in entries if entry} == {OURA}
    assert len(await replicas[2].connections.history(ANNA, row.id)) == 40


async def test_one_token_raced_for_two_providers_has_one_winner(replicas: list[Replica]) -> None:
    await replicas[0].ledger.enter(a_mint())
    wanted = [ProviderName(name) for name in ("oura", "garmin", "whoop", "dexcom")]

    answers = await asyncio.gather(
        *(
            replica.connections.record(a_report(a_listing(provider), provider=provider))
            for replica, provider in zip(replicas, wanted, strict=True)
        ),
        return_exceptions=True,
    )

    entry = await replicas[0].ledger.find(a_digest())
    assert entry is not None
    [won] = [answer for answer in answers if isinstance(answer, Connection)]
    assert won.provider == entry.bound_to
    assert await replicas[0].connections.list_for(ANNA) == [won]
    lost = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(error) for error in lost] == [ProviderMismatch] * 3


async def test_one_token_raced_by_two_patients_is_the_firsts(replicas: list[Replica]) -> None:
    mints = [
        a_mint(patient_id=patient, junction_user_id=f"user of {patient}", minted_here=False)
        for patient in (ANNA, BEN, ANNA, BEN)
    ]

    answers = await asyncio.gather(
        *(replica.ledger.enter(mint) for replica, mint in zip(replicas, mints, strict=True)),
        return_exceptions=True,
    )

    entry = await replicas[0].ledger.find(a_digest())
    assert [answer == entry for answer in answers].count(True) == 2
    assert [type(error) for error in answers if error != entry] == [InvalidLinkToken] * 2


async def test_one_junction_user_raced_by_two_patients_is_the_firsts(
    replicas: list[Replica],
) -> None:
    mints = [
        a_mint(digest=a_digest(patient), patient_id=patient) for patient in (ANNA, BEN, ANNA, BEN)
    ]

    answers = await asyncio.gather(
        *(replica.ledger.enter(mint) for replica, mint in zip(replicas, mints, strict=True)),
        return_exceptions=True,
    )

    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert [type(error) for error in refused] == [JunctionContradiction] * 2
    entered = [answer for answer in answers if isinstance(answer, LedgerEntry)]
    assert len({entry.patient_id for entry in entered}) == 1


async def test_batches_over_the_same_patients_in_any_order_all_come_through(
    postgresql: str, replicas: list[Replica]
) -> None:
    """Each batch locks rows of all the patients: in two orders they would wait for each other."""
    patients = [PatientId(f"patient {n}") for n in range(20)]

    async def link(replica: Replica, patient: PatientId, round_: int) -> None:
        user, digest = JunctionUserId(f"user of {patient}"), a_digest(f"{patient} {round_}")
        mint = a_mint(digest=digest, patient_id=patient, junction_user_id=user)
        await replica.ledger.enter(mint)
        report = replace(a_report(a_listing()), patient_id=patient, junction_user_id=user)
        await replica.connections.record(replace(report, token=digest))

    async def link_all(n: int, replica: Replica) -> None:
        for round_ in range(OF_BATCHES):
            order = patients if n % 2 else patients[::-1]
            await asyncio.gather(*(link(replica, each, round_ * 4 + n) for each in order))

    await asyncio.gather(*(link_all(n, replica) for n, replica in enumerate(replicas)))

    for patient in patients:
        [row] = await replicas[0].connections.list_for(patient)
        assert len(await replicas[0].connections.history(patient, row.id)) == 4 * OF_BATCHES
    [[deadlocks]] = await execute(
        postgresql,
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    )
    assert deadlocks == 0


async def test_junction_user_of_the_past_is_noticed_though_the_mint_came_in_between(
    postgresql: str, replicas: list[Replica]
) -> None:
    """A report that waits for the lock of a mint must see the user whom that mint brought."""
    await replicas[0].ledger.enter(a_mint())
    other = await asyncpg.connect(postgresql)
    mint = other.transaction()
    await mint.start()
    await other.execute("SELECT 1 FROM junction_users FOR UPDATE")
    await other.execute(
        "INSERT INTO junction_users SELECT 'newer', patient_id, team_id, minted_at + 1000000 "
        "FROM junction_users"
    )
    waiting = asyncio.create_task(replicas[1].connections.record(a_report(a_listing())))
    while not await execute(postgresql, "SELECT 1 FROM pg_locks WHERE NOT granted"):
        assert not waiting.done()
    await mint.commit()
    await other.close()

    with pytest.raises(InvalidLinkToken):
        await waiting
    assert await replicas[0].connections.list_for(ANNA) == []


FAIL_ONCE = """
CREATE SEQUENCE attempts;
CREATE FUNCTION fail_some() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF nextval('attempts') <= {times} THEN RAISE EXCEPTION 'again' USING ERRCODE = '{state}'; END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER failing AFTER INSERT ON connection_events
  {when} FOR EACH ROW EXECUTE FUNCTION fail_some();
"""


@pytest.mark.parametrize("state", ["40001", "40P01"])
@pytest.mark.parametrize("when", ["", "DEFERRABLE INITIALLY DEFERRED"], ids=["insert", "commit"])
async def test_transaction_that_the_server_wants_again_is_run_again_whole(
    postgresql: str, replicas: list[Replica], state: str, when: str
) -> None:
    await replicas[0].ledger.enter(a_mint())
    await execute_script(postgresql, FAIL_ONCE.format(times=3, state=state, when=when))

    opened = await replicas[0].connections.record(a_report(a_listing()))

    assert await replicas[1].connections.list_for(ANNA) == [opened]
    assert len(await replicas[1].connections.history(ANNA, opened.id)) == 1
    [[attempts]] = await execute(postgresql, "SELECT last_value FROM attempts")
    assert attempts == 4


async def test_transaction_that_the_server_wants_again_and_again_is_given_up(
    postgresql: str, replicas: list[Replica]
) -> None:
    await replicas[0].ledger.enter(a_mint())
    await execute_script(postgresql, FAIL_ONCE.format(times=1000, state="40001", when=""))

    with pytest.raises(StorageUnavailable):
        await replicas[0].connections.record(a_report(a_listing()))

    assert await replicas[0].connections.list_for(ANNA) == []
    await execute(postgresql, "DROP TRIGGER failing ON connection_events")
    await replicas[0].connections.record(a_report(a_listing()))
