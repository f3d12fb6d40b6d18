"""PostgresqlEngine: whose clock it goes by, what it holds open, and whom it waits for."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from adapters.clock import FixedClock
from adapters.persistence import tables
from adapters.persistence.dialects import POSTGRESQL
from adapters.persistence.engine import DataError, Transaction
from adapters.persistence.migrate import WrongDatabase
from adapters.persistence.postgresql import PostgresqlEngine
from adapters.persistence.postgresql_schema import check_postgresql
from adapters.persistence.statements import Change, Statements
from domain.errors import StorageUnavailable
from domain.secret import Secret
from tests.adapters.replicas import Replica
from tests.builders import ANNA, BEN, NOW, a_digest, a_listing, a_mint, a_report
from tests.postgresql import execute

STATEMENTS = {
    name: statement.text if isinstance(statement, Change) else statement
    for name, statement in vars(Statements(POSTGRESQL)).items()
    if isinstance(statement, str | Change)
}

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
COUNT = f"SELECT count(*) {OTHERS}"
PIDS = f"SELECT pid {OTHERS} ORDER BY pid"


@pytest.fixture
async def replica(postgresql: str) -> AsyncIterator[Replica]:
    async with Replica.at(postgresql) as replica:
        yield replica


@pytest.fixture
async def engine(postgresql: str) -> AsyncIterator[PostgresqlEngine]:
    async with PostgresqlEngine(
        Secret(postgresql), deadline=20.0, statement_cache_size=100
    ) as engine:
        yield engine


async def connections_to(postgresql: str) -> int:
    [[count]] = await execute(postgresql, COUNT)
    return int(count)


async def test_time_is_the_databases_whatever_this_process_believes(postgresql: str) -> None:
    async with Replica.at(postgresql, clock=FixedClock(NOW - timedelta(days=1000))) as replica:
        entry = await replica.ledger.enter(a_mint())

    [[now]] = await execute(postgresql, "SELECT clock_timestamp()")
    assert now - timedelta(minutes=2) < entry.minted_at <= now


async def test_time_is_told_to_the_microsecond(engine: PostgresqlEngine) -> None:
    async def unit(transaction: Transaction) -> tuple[datetime, datetime, datetime]:
        [[before]] = await transaction.fetch("SELECT clock_timestamp()")
        now = await transaction.now()
        [[after]] = await transaction.fetch("SELECT clock_timestamp()")
        return before, now, after

    before, now, after = await engine.transact(unit)

    assert before <= now <= after
    assert now.tzinfo is UTC


async def test_three_connections_are_held_open_however_many_ask(
    postgresql: str, replica: Replica
) -> None:
    digests = [a_digest(str(n)) for n in range(100)]
    await asyncio.gather(*(replica.ledger.enter(a_mint(digest=d)) for d in digests))
    found = await asyncio.gather(*map(replica.ledger.find, digests))

    assert None not in found
    assert await connections_to(postgresql) == 3


async def test_address_that_asks_for_tls_is_not_taken_for_one_that_does_not(
    postgresql: str,
) -> None:
    """The server here speaks none: `databases` would pass over the word, and send in the clear."""
    async with Replica.at(f"{postgresql}?sslmode=require") as replica:
        with pytest.raises(StorageUnavailable):
            await replica.ledger.enter(a_mint())

    with pytest.raises(WrongDatabase):
        await asyncio.to_thread(
            check_postgresql, Secret(f"{postgresql}?sslmode=require"), staging=False
        )


async def test_closing_leaves_no_connection_and_no_task(postgresql: str) -> None:
    before = asyncio.all_tasks()
    async with Replica.at(postgresql) as replica:
        await replica.ledger.enter(a_mint())
        await replica.ledger.find(a_digest())

    assert asyncio.all_tasks() == before
    assert await connections_to(postgresql) == 0
    with pytest.raises(StorageUnavailable):
        await replica.ledger.find(a_digest())
    with pytest.raises(StorageUnavailable):
        await replica.ledger.enter(a_mint())


async def test_closing_waits_for_what_was_accepted(postgresql: str) -> None:
    async with Replica.at(postgresql) as replica:
        await replica.ledger.enter(a_mint())
        accepted = asyncio.create_task(replica.connections.record(a_report(a_listing())))
        looked_up = asyncio.create_task(replica.ledger.find(a_digest()))
        await asyncio.sleep(0)

    assert (await accepted).patient_id == ANNA
    assert await looked_up is not None
    [[stored]] = await execute(postgresql, "SELECT count(*) FROM connections")
    assert stored == 1


async def test_callers_who_leave_at_any_moment_lose_no_connection_and_no_write(
    postgresql: str, replica: Replica
) -> None:
    digests = [a_digest(str(n)) for n in range(60)]
    await replica.ledger.enter(a_mint(digest=digests[0]))
    await asyncio.gather(*(replica.ledger.find(digests[0]) for _ in range(4)))
    held = await execute(postgresql, PIDS)
    tasks: list[asyncio.Task[object]] = []
    for n, digest in enumerate(digests):
        tasks.append(asyncio.create_task(replica.ledger.enter(a_mint(digest=digest))))
        tasks.append(asyncio.create_task(replica.ledger.find(digest)))
        await asyncio.sleep(0.0005 * (n % 4))
        tasks[-1 - n % 2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

    found = await asyncio.gather(*map(replica.ledger.find, digests))
    assert None not in found
    assert await execute(postgresql, PIDS) == held


async def test_reader_who_leaves_costs_no_connection(
    postgresql: str, engine: PostgresqlEngine
) -> None:
    await asyncio.gather(*(engine.read("SELECT 1") for _ in range(4)))
    held = await execute(postgresql, PIDS)
    leaving = asyncio.create_task(engine.read("SELECT pg_sleep(0.2)"))
    while not await execute(postgresql, f"SELECT 1 {OTHERS} AND state = 'active'"):
        assert not leaving.done()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)

    await asyncio.gather(*(engine.read("SELECT 1") for _ in range(4)))
    assert await execute(postgresql, PIDS) == held


async def test_unit_that_takes_too_long_is_ended_and_its_locks_with_it(postgresql: str) -> None:
    hangs = asyncio.Event()
    engine = PostgresqlEngine(Secret(postgresql), deadline=1.0, statement_cache_size=100)

    async def unit(transaction: Transaction) -> None:
        await transaction.fetch("LOCK TABLE connections")
        await hangs.wait()

    async with engine, Replica.at(postgresql) as other:
        with pytest.raises(StorageUnavailable):
            await engine.transact(unit)
        await other.ledger.enter(a_mint())
        await other.connections.record(a_report(a_listing()))
        assert await engine.read("SELECT 1")


async def test_server_ends_a_transaction_of_a_client_who_fell_silent(
    engine: PostgresqlEngine,
) -> None:
    """Should this machine vanish from the network: nobody could end it from here."""

    async def unit(transaction: Transaction) -> list[str]:
        names = ("idle_in_transaction_session_timeout", "lock_timeout")
        return [str((await transaction.fetch(f"SHOW {name}"))[0][0]) for name in names]

    assert await engine.transact(unit) == ["20s", "20s"]
    assert [tuple(row) for row in await engine.read("SHOW lock_timeout")] == [("0",)]


@pytest.mark.parametrize("text", ["nul \x00", "half \ud83d"], ids=["NUL", "half a character"])
async def test_text_that_the_server_cannot_hold_fails_alone(replica: Replica, text: str) -> None:
    mints = [
        a_mint(digest=a_digest(str(n)), patient_id=name, junction_user_id=name)
        for n, name in enumerate((ANNA, text, BEN))
    ]

    outcomes = await asyncio.gather(*map(replica.ledger.enter, mints), return_exceptions=True)

    assert [type(outcome).__name__ for outcome in outcomes] == [
        "LedgerEntry",
        "StorageUnavailable",
        "LedgerEntry",
    ]


async def test_error_of_the_data_leaves_the_connection_in_use(engine: PostgresqlEngine) -> None:
    [before] = await engine.transact(lambda unit: unit.fetch("SELECT pg_backend_pid()"))
    with pytest.raises(DataError):
        await engine.transact(lambda unit: unit.fetch("SELECT $1::jsonb", "{"))
    [after] = await engine.transact(lambda unit: unit.fetch("SELECT pg_backend_pid()"))

    assert tuple(before) == tuple(after)


@pytest.mark.parametrize("name", STATEMENTS)
async def test_rows_are_found_by_an_index(postgresql: str, name: str) -> None:
    statement = STATEMENTS[name]
    connection = await asyncpg.connect(postgresql)
    for way in ("seqscan", "hashjoin", "mergejoin"):  # right for tables that are empty
        await connection.execute(f"SET enable_{way} = off")
    count = max(map(int, re.findall(r"\$(\d)", statement)))
    numbers = [f"CAST(${n} AS TEXT)" in statement for n in range(1, count + 1)]
    parameters = ["1" if is_number else "[]" for is_number in numbers]

    plan = await connection.fetch(f"EXPLAIN {statement}", *parameters)

    await connection.close()
    text = "\n".join(row[0] for row in plan)
    if not name.startswith("insert_"):
        assert "Index Cond" in text, text
    for table in tables.TABLES:
        assert f"Seq Scan on {table.name}" not in text, text
