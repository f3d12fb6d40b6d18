"""QueuedAuditTrail: a refusal neither waits for storage nor fails with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from adapters.clock import FixedClock
from adapters.persistence.audit_queue import QueuedAuditTrail
from domain.errors import StorageUnavailable
from domain.history import Cause, Refusal
from tests.builders import NOW, a_caller
from tests.logged import Logged


@dataclass
class Store:
    """Takes one refusal at a time while its gate is open; `down` for so many writes."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    three_written: asyncio.Event = field(default_factory=asyncio.Event)
    down: int = 0
    broken_by: str = ""
    written: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def write(self, refusal: Refusal) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.set()
        await self.gate.wait()
        self.at_once -= 1
        if refusal.outcome == self.broken_by:
            raise ValueError("a defect")
        if self.down > 0:
            self.down -= 1
            raise StorageUnavailable
        self.written.append(refusal.outcome)
        if len(self.written) == 3:
            self.three_written.set()


@pytest.fixture
def store() -> Store:
    return Store()


@asynccontextmanager
async def auditing(store: Store, *, most: int = 10) -> AsyncIterator[QueuedAuditTrail]:
    trail = QueuedAuditTrail(store.write, clock=FixedClock(NOW), most=most, pause=0.01)
    async with trail:
        yield trail


def refuse(trail: QueuedAuditTrail, *codes: str) -> None:
    for code in codes:
        trail.refused(a_caller(), Cause.EXCHANGE, code, None)


async def test_refusal_is_handed_in_while_storage_hangs(store: Store) -> None:
    async with auditing(store) as trail:
        refuse(trail, "a")
        await store.asked.wait()
        refuse(trail, "b", "c")  # returns, or this test would never end
        assert store.written == []
        store.gate.set()

    assert store.written == ["a", "b", "c"]


async def test_storage_that_was_down_gets_all_of_it_later_in_order(store: Store) -> None:
    store.gate.set()
    store.down = 7

    async with auditing(store) as trail:
        refuse(trail, "a", "b", "c")
        await store.three_written.wait()
        refuse(trail, "d")

    assert sorted(store.written[:3]) == ["a", "b", "c"]
    assert store.written[3:] == ["d"]


async def test_what_cannot_wait_is_counted_in_the_log(store: Store, logged: Logged) -> None:
    async with auditing(store, most=2) as trail:
        refuse(trail, "a", "b", "c", "d", "e")
        store.gate.set()

    assert store.written == ["a", "b"]
    assert logged.lines == [{"event": "refusals_lost", "level": "error", "count": 3}]


async def test_storage_that_stays_down_holds_up_no_stop(store: Store, logged: Logged) -> None:
    store.gate.set()
    store.down = 1_000_000

    async with auditing(store) as trail:
        refuse(trail, "a", "b")
        await store.asked.wait()

    assert store.written == []
    assert logged.lines == [{"event": "refusals_lost", "level": "error", "count": 2}]


async def test_defect_loses_one_refusal_and_says_so(store: Store, logged: Logged) -> None:
    store.gate.set()
    store.broken_by = "b"

    async with auditing(store) as trail:
        refuse(trail, "a", "b", "c")

    assert store.written == ["a", "c"]
    assert [line["event"] for line in logged.lines] == ["refusal_unwritable", "refusals_lost"]
    assert logged.lines[0]["cause"][0]["type"] == "ValueError"


async def test_flood_is_written_in_portions(store: Store) -> None:
    store.gate.set()

    async with auditing(store, most=1000) as trail:
        refuse(trail, *map(str, range(1000)))

    assert store.written == [str(n) for n in range(1000)]
    assert store.most_at_once <= 64
