"""What the service does by itself: it goes on whatever happens, and ends with the service."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.persistence.in_memory import (
    InMemoryConnectionRepository,
    InMemoryJunctionUserDirectory,
    InMemoryStorage,
)
from domain.errors import StorageUnavailable
from domain.reconciling import ReconcilingService
from domain.retention import Forget, Forgotten, Sweep
from entrypoints.container import create_container
from entrypoints.housekeeping import housekeeping
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import running
from tests.entrypoints.beside import Records
from tests.logged import Logged


@dataclass
class Retention:
    """Answers sweeps one after the other; then nothing is left to sweep."""

    answers: list[int | Exception]
    sweeps: list[Sweep] = field(default_factory=list)

    async def sweep(self, sweep: Sweep) -> int:
        self.sweeps.append(sweep)
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def forget(self, forget: Forget) -> Forgotten:
        raise NotImplementedError


@dataclass
class Sleeps:
    """Passes the time at once, and remembers it."""

    slept: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


async def until(so: Callable[[], object]) -> None:
    while not so():  # noqa: ASYNC110  (a file changes without an event)
        await asyncio.sleep(0.001)


@pytest.fixture
def idle() -> ReconcilingService:
    """With nothing to look at, and nobody to ask."""
    clock = SystemClock()
    storage = InMemoryStorage(clock)
    nobody: Any = None
    return ReconcilingService(
        junction=nobody,
        users=InMemoryJunctionUserDirectory(storage),
        connections=InMemoryConnectionRepository(storage),
        clock=clock,
        patience=1,
    )


async def test_sweeps_in_small_batches_with_a_breath_between(
    idle: ReconcilingService, logged: Logged
) -> None:
    retention, sleeps = Retention([500, 500, 7]), Sleeps()

    async with housekeeping(retention, idle, reconcile_every=None, sleep=sleeps):
        await until(lambda: len(retention.sweeps) > 4)

    first, *rest = sleeps.slept
    assert 0 <= first <= 60
    assert rest[:4] == [1, 1, 1, 60]
    assert {sweep.limit for sweep in retention.sweeps} == {500}
    assert [line for line in logged.lines if line["event"] == "swept"] == [
        {"event": "swept", "level": "info", "count": 1007}
    ]


@pytest.mark.parametrize("error", [StorageUnavailable(), RuntimeError("a defect")])
async def test_failure_is_logged_and_the_next_time_comes(
    idle: ReconcilingService, logged: Logged, error: Exception
) -> None:
    retention = Retention([error, 1])

    async with housekeeping(retention, idle, reconcile_every=None, sleep=Sleeps()):
        await until(lambda: len(retention.sweeps) > 2)

    failed, swept, *_ = logged.lines
    assert (failed["event"], failed["level"]) == ("housekeeping_failed", "error")
    assert failed["cause"][0]["type"].endswith(type(error).__name__)
    assert swept["event"] == "swept"


async def test_reconciles_only_if_it_is_told_to(idle: ReconcilingService, logged: Logged) -> None:
    def reconciled() -> list[dict[str, Any]]:
        return [line for line in logged.lines if line["event"] == "reconciled"]

    retention = Retention([])
    async with housekeeping(retention, idle, reconcile_every=None, sleep=Sleeps()):
        await until(lambda: len(retention.sweeps) > 10)
    assert not reconciled()

    async with housekeeping(retention, idle, reconcile_every=900, sleep=Sleeps()):
        await until(reconciled)
    assert reconciled()[0] == {
        "event": "reconciled",
        "level": "info",
        "ending": "done",
        "users": 0,
        "unanswered": 0,
        "changed": 0,
    }


@asynccontextmanager
async def reconciling_service(records: Records) -> Any:
    environ = records.environ | {"RECONCILE_SECONDS": "1"}
    container = create_container(load_settings(environ, staging=True, public_url=""))
    container.prepare_storage()
    async with running(create_app(container)) as client:
        yield client


def test_service_finds_what_nobody_told_it(tmp_path: Path) -> None:
    records = Records(tmp_path / "staging.db")
    records.link("anna")
    records.age(timedelta(days=1))
    records.unlink("anna")

    async def serve() -> None:
        async with reconciling_service(records):
            await until(lambda: records.statuses() == {"disconnected": 1})

    asyncio.run(serve())
