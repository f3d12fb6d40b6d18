"""SqlStorage over an engine that hangs: callers are told in time, and it goes on once it can."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.clock import FixedClock
from adapters.persistence.audit_queue import QueuedAuditTrail
from adapters.persistence.engine import Rows, Transaction
from adapters.persistence.sqlite import SqliteEngine
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.storage import SqlStorage
from domain.errors import StorageUnavailable
from domain.history import Cause
from domain.identifiers import PatientId
from domain.retention import Forget
from tests.adapters.sqlite_files import Work, counted, execute
from tests.builders import ANNA, NOW, a_caller, a_digest, a_mint

T = TypeVar("T")


class HangingEngine(SqliteEngine):
    """SQLite on a disk that answers only while its gates are open."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, clock=FixedClock(NOW))
        self.writes, self.reads = asyncio.Event(), asyncio.Event()
        self.writes.set()
        self.reads.set()

    async def read(self, statement: str, *parameters: str) -> Rows:
        await self.reads.wait()
        return await super().read(statement, *parameters)

    async def transact(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        await self.writes.wait()
        return await super().transact(unit)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    prepare_sqlite(tmp_path / "connections.db", staging=False)
    return tmp_path / "connections.db"


@pytest.fixture
def engine(path: Path) -> HangingEngine:
    return HangingEngine(path)


@pytest.fixture
async def storage(engine: HangingEngine) -> AsyncIterator[SqlStorage]:
    async with SqlStorage(engine, clock=FixedClock(NOW), deadline=1.0) as storage:
        yield storage
        engine.writes.set()
        engine.reads.set()


async def test_caller_of_a_writer_that_hangs_is_told_in_time_and_the_write_is_whole(
    path: Path, engine: HangingEngine, storage: SqlStorage
) -> None:
    work = Work(storage)
    await work.mint("anna")
    engine.writes.clear()

    with pytest.raises(StorageUnavailable):
        await work.record("anna")
    assert counted(path) == (0, 0, 0)

    engine.writes.set()
    await work.mint("ben")  # behind the one that hung
    assert counted(path) == (1, 1, 1)


async def test_reader_that_hangs_is_told_in_time(
    engine: HangingEngine, storage: SqlStorage
) -> None:
    engine.reads.clear()

    with pytest.raises(StorageUnavailable):
        await storage.read("SELECT 1")

    engine.reads.set()
    assert len(await storage.read("SELECT 1")) == 1


async def test_storage_whose_writer_hangs_is_not_well_until_it_goes_on(
    engine: HangingEngine, storage: SqlStorage
) -> None:
    await storage.check()
    engine.writes.clear()
    with pytest.raises(StorageUnavailable):
        await Work(storage).mint("anna")

    with pytest.raises(StorageUnavailable):
        await storage.check()

    engine.writes.set()
    await Work(storage).mint("ben")
    await storage.check()


async def test_refusal_waits_for_a_writer_that_hangs_and_is_stored_once(
    path: Path, engine: HangingEngine, storage: SqlStorage
) -> None:
    async with QueuedAuditTrail(storage.write, clock=FixedClock(NOW), pause=0.01) as trail:
        engine.writes.clear()
        trail.refused(a_caller(), Cause.EXCHANGE, "invalid_link_token", None)
        for _ in range(3):  # by then the deadline of a caller has passed, and again
            with pytest.raises(StorageUnavailable):
                await Work(storage).mint("anna")
        engine.writes.set()

    assert execute(path, "SELECT count(*) FROM connection_events") == [(1,)]


async def test_only_so_many_wait_for_a_writer_that_hangs(
    path: Path, engine: HangingEngine
) -> None:
    async with SqlStorage(engine, clock=FixedClock(NOW), deadline=30) as storage:
        work = Work(storage)
        engine.writes.clear()
        under_way = asyncio.create_task(work.mint("first"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting = [asyncio.create_task(work.mint(f"patient {n}")) for n in range(4096)]
        await asyncio.sleep(0)
        with pytest.raises(StorageUnavailable):
            await work.mint("one too many")
        engine.writes.set()
        await asyncio.gather(under_way, *waiting)

        assert len(await storage.read("SELECT 1 FROM link_tokens")) == 4097


async def test_what_comes_behind_a_forgetting_finds_it_done(
    storage: SqlStorage, engine: HangingEngine
) -> None:
    """Though both waited for the same commit: what is acknowledged is there."""
    await storage.write(a_mint(digest=a_digest("before")))
    engine.writes.clear()
    first = asyncio.create_task(storage.write(a_mint(digest=a_digest("at once"))))
    await asyncio.sleep(0)
    pseudonym = PatientId("forgotten")
    forgetting = asyncio.create_task(storage.write(Forget(patient_id=ANNA, pseudonym=pseudonym)))
    behind = asyncio.create_task(storage.write(a_mint(digest=a_digest("behind"))))
    await asyncio.sleep(0)
    engine.writes.set()

    forgotten = await forgetting
    await asyncio.gather(first, behind)

    assert (forgotten.link_tokens, forgotten.junction_users) == (2, 1)
    found = await storage.read(storage.statements.find_token, a_digest("behind"))
    assert len(found) == 1
