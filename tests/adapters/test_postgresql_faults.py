"""PostgresqlEngine when the server stops, dies, hangs or shows us the door, and comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from adapters.persistence.postgresql_schema import migrate_postgresql
from domain.errors import StorageUnavailable
from domain.secret import Secret
from tests.adapters.replicas import Replica
from tests.adapters.test_postgresql import COUNT
from tests.builders import a_digest, a_listing, a_mint, a_report
from tests.postgresql import PostgresServer, a_server, execute


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with a_server() as server:
        migrate_postgresql(Secret(server.url()), staging=False)
        yield server


@pytest.fixture
async def replica(server: PostgresServer) -> AsyncIterator[Replica]:
    await execute(server.url(), "TRUNCATE junction_users, link_tokens, connections")
    async with Replica.at(server.url(), deadline=2.0) as replica:
        yield replica


class Load:
    """Patients who link, one after the other in a few lanes; all are told how it went."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self.acknowledged: dict[str, str] = {}
        self.refused = 0
        self._told = asyncio.Condition()
        self._more = True

    async def lane(self, lane: int) -> None:
        n = 0
        while self._more:
            n += 1
            await self._link(f"{lane}-{n}")

    async def _link(self, name: str) -> None:
        digest, user = a_digest(name), f"user of {name}"
        mint = a_mint(digest=digest, patient_id=name, junction_user_id=user)
        report = a_report(a_listing(), token=digest, patient_id=name, junction_user_id=user)
        try:
            await self._replica.ledger.enter(mint)
            await self._replica.ledger.find(digest)
            self.acknowledged[name] = str((await self._replica.connections.record(report)).id)
        except StorageUnavailable:
            self.refused += 1
        async with self._told:
            self._told.notify_all()

    async def goes_on(self) -> None:
        """Until ten more have been acknowledged."""
        enough = len(self.acknowledged) + 10
        await self._until(lambda: len(self.acknowledged) >= enough)

    async def is_refused(self) -> None:
        enough = self.refused + 8
        await self._until(lambda: self.refused >= enough)

    async def _until(self, seen: Callable[[], bool]) -> None:
        async with self._told, asyncio.timeout(60):
            await self._told.wait_for(seen)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as lanes:
            for lane in range(8):
                lanes.create_task(self.lane(lane))
            try:
                yield
            finally:
                self._more = False


Trouble = tuple[Callable[[PostgresServer], None], Callable[[PostgresServer], None]]


@pytest.mark.parametrize(
    "trouble",
    [
        (PostgresServer.stop, PostgresServer.start),
        (PostgresServer.kill, PostgresServer.start),
        (PostgresServer.freeze, PostgresServer.thaw),
    ],
    ids=["stopped", "killed", "frozen"],
)
async def test_server_that_comes_back_is_used_again_and_nothing_acknowledged_is_missing(
    server: PostgresServer, replica: Replica, trouble: Trouble
) -> None:
    begins, ends = trouble
    load = Load(replica)
    tasks = asyncio.all_tasks()
    async with load.running():
        await load.goes_on()
        await asyncio.to_thread(begins, server)
        await load.is_refused()
        with pytest.raises(StorageUnavailable):
            await replica.storage.check()
        await asyncio.to_thread(ends, server)
        await load.goes_on()
        await replica.storage.check()

    rows = await execute(server.url(), "SELECT patient_id, id FROM connections")
    stored = {row["patient_id"]: row["id"] for row in rows}
    assert {name: stored.get(name) for name in load.acknowledged} == load.acknowledged
    assert len(rows) == len(stored)
    assert asyncio.all_tasks() == tasks
    [[connections]] = await execute(server.url(), COUNT)
    assert connections == 3


async def test_connection_that_the_server_ends_while_idle_is_not_noticed(
    server: PostgresServer, replica: Replica
) -> None:
    await replica.ledger.enter(a_mint())
    await asyncio.gather(*(replica.ledger.find(a_digest()) for _ in range(4)))
    await execute(
        server.url(),
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )

    entered = await replica.ledger.enter(a_mint(digest=a_digest("another")))
    assert await replica.ledger.find(a_digest("another")) == entered


async def test_server_that_is_not_there_at_the_start_is_used_once_it_is(
    server: PostgresServer,
) -> None:
    await asyncio.to_thread(server.stop)
    async with Replica.at(server.url(), deadline=2.0) as replica:
        with pytest.raises(StorageUnavailable):
            await replica.ledger.find(a_digest())
        with pytest.raises(StorageUnavailable):
            await replica.ledger.enter(a_mint())
        await asyncio.to_thread(server.start)
        entered = await replica.ledger.enter(a_mint())
        assert await replica.ledger.find(a_digest()) == entered


async def test_lock_that_somebody_else_holds_is_unavailable_until_it_is_let_go(
    server: PostgresServer, replica: Replica
) -> None:
    await replica.ledger.enter(a_mint())
    other = await asyncpg.connect(server.url())
    async with other.transaction():
        await other.execute("LOCK TABLE connections")
        with pytest.raises(StorageUnavailable):
            await replica.connections.record(a_report(a_listing()))
        assert await replica.ledger.find(a_digest()) is not None
    await other.close()

    recorded = await replica.connections.record(a_report(a_listing()))
    assert await replica.connections.list_for(recorded.patient_id) == [recorded]


async def test_readers_who_gave_up_are_not_read_for(
    server: PostgresServer, replica: Replica
) -> None:
    await asyncio.gather(*(replica.ledger.find(a_digest()) for _ in range(4)))
    tasks = asyncio.all_tasks()
    server.freeze()
    gone = await asyncio.gather(
        *(replica.ledger.find(a_digest()) for _ in range(500)), return_exceptions=True
    )
    left = [repr(task) for task in asyncio.all_tasks() - tasks]
    server.thaw()

    assert {type(outcome) for outcome in gone} == {StorageUnavailable}
    # One for each connection that reads; beside it, there may be what the driver has it wait for.
    assert sum("coro=<PostgresqlEngine._read()" in task for task in left) <= 2, left
    assert await replica.ledger.find(a_digest()) is None


async def test_storage_closes_though_the_server_hangs(server: PostgresServer) -> None:
    tasks = asyncio.all_tasks()
    replica = Replica.at(server.url(), deadline=1.0)
    await replica.__aenter__()
    await asyncio.gather(*(replica.ledger.find(a_digest()) for _ in range(4)))
    server.freeze()
    writing = asyncio.create_task(replica.ledger.enter(a_mint(digest=a_digest("late"))))
    await asyncio.sleep(0)

    async with asyncio.timeout(30):
        await replica.__aexit__(None, None, None)

    server.thaw()
    with pytest.raises(StorageUnavailable):
        await writing
    assert asyncio.all_tasks() == tasks
