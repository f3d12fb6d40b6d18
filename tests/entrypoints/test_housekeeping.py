"""What the service does by itself: it goes on whatever happens, and ends with the service."""

import asyncio
from contextlib import asynccontextmanager
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
from entrypoints.commands.startup import opened
from entrypoints.container import create_container
from entrypoints.housekeeping import housekeeping
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import running
from tests.entrypoints.beside import Records
from tests.entrypoints.chores import Retention, Sleeps, Unhurried, until
from tests.logged import Logged


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


async def first_wait(idle: ReconcilingService) -> float:
    """How long a service that has just begun waits for its first sweep."""
    retention, sleeps = Retention([]), Sleeps()
    async with housekeeping(retention, idle, reconcile_every=None, sleep=sleeps):
        await until(lambda: retention.sweeps)
    return sleeps.slept[0]


async def test_replicas_that_were_started_together_begin_at_different_times(
    idle: ReconcilingService,
) -> None:
    waits = [await first_wait(idle) for _ in range(20)]

    assert all(0 <= wait <= 60 for wait in waits)
    assert len(set(waits)) == 20
    assert max(waits) > 1  # of a minute, and not of a second


async def test_sweep_under_way_is_over_when_the_service_is(idle: ReconcilingService) -> None:
    retention = Unhurried([])

    async with housekeeping(retention, idle, reconcile_every=None, sleep=Sleeps()):
        await retention.begun.wait()

    assert retention.put_away


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


def reconciled(logged: Logged) -> list[dict[str, Any]]:
    return [line for line in logged.lines if line["event"] == "reconciled"]


async def test_reconciles_only_if_it_is_told_to(idle: ReconcilingService, logged: Logged) -> None:
    retention = Retention([])
    async with housekeeping(retention, idle, reconcile_every=None, sleep=Sleeps()):
        await until(lambda: len(retention.sweeps) > 10)
    assert not reconciled(logged)

    async with housekeeping(retention, idle, reconcile_every=900, sleep=Sleeps()):
        await until(lambda: reconciled(logged))
    assert reconciled(logged)[0] == {
        "event": "reconciled",
        "level": "info",
        "ending": "done",
        "users": 0,
        "unanswered": 0,
        "changed": 0,
    }


def test_run_that_ended_badly_is_an_error_in_the_log(tmp_path: Path, logged: Logged) -> None:
    records = Records(tmp_path / "staging.db")
    records.link("anna")
    environ = records.environ | {"STORAGE_DEADLINE_SECONDS": "0.000001"}
    container = create_container(load_settings(environ, staging=True, public_url=""))

    async def keep_house() -> None:
        chores = housekeeping(
            Retention([]), container.reconciling(), reconcile_every=900, sleep=Sleeps()
        )
        async with opened(container), chores:
            await until(lambda: reconciled(logged))

    asyncio.run(keep_house())
    ended = reconciled(logged)[0]
    assert (ended["ending"], ended["level"]) == ("storage_unavailable", "error")


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
