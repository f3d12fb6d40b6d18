"""What a service on an SQLite file costs, counted at SQLite itself, the loop and Junction."""

import asyncio
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from dependency_injector import providers

from entrypoints.container import create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.entrypoints.chores import Retention
from tests.http.edge import edge
from tests.http.gated import Linking, a_junction

_ABOUT: Final = re.compile(r"(?:SELECT .*?FROM|INSERT INTO|\w+) (\w+)", re.DOTALL)


@dataclass
class Costs:
    """Statements, each as verb and table, and how often a thread handed something back.

    What is handed to a thread comes back through `call_soon_threadsafe`, whoever owns the thread.
    Checkpoints are left out: they come by the clock, whatever is asked.
    """

    statements: Counter[str] = field(default_factory=Counter)
    hops: int = 0
    _begins: threading.Event = field(default_factory=threading.Event)
    _goes_on: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._goes_on.set()

    @property
    def commits(self) -> int:
        return self.statements["COMMIT"]

    def clear(self) -> None:
        self.statements.clear()
        self.hops = 0

    def hold(self) -> None:
        """Let the next transaction begin, and no further."""
        self._begins.clear()
        self._goes_on.clear()

    async def is_held(self) -> None:
        while not self._begins.is_set():  # noqa: ASYNC110  (a thread's event; a thread would be a hop)
            await asyncio.sleep(0.001)

    def go_on(self) -> None:
        self._goes_on.set()

    def executed(self, statement: str) -> None:
        if _tidies_up():
            return
        self.statements[_short(statement)] += 1
        if statement.startswith("BEGIN"):
            self._begins.set()
            self._goes_on.wait(5)


def _tidies_up() -> bool:
    return threading.current_thread().name.startswith("sqlite-checkpoints")


def _short(statement: str) -> str:
    verb, *_ = statement.split(maxsplit=1)
    about = _ABOUT.match(statement)
    return f"{verb} {about[1]}" if about else verb


@dataclass(frozen=True)
class Counted:
    service: Linking
    costs: Costs
    writes: list[object]

    @property
    def calls(self) -> list[str]:
        """The paths that Junction was asked for."""
        return self.service.gate.passed

    def clear(self) -> None:
        self.costs.clear()
        self.writes.clear()
        self.calls.clear()

    async def all_wait(self, count: int) -> None:
        """Until so many writes were handed to the storage."""
        while len(self.writes) < count:  # noqa: ASYNC110  (nobody tells)
            await asyncio.sleep(0.001)


@asynccontextmanager
async def counted(path: Path, patch: pytest.MonkeyPatch) -> AsyncIterator[Counted]:
    """The service over the file at `path`, without chores of its own."""
    costs = Costs()
    _trace_connections(patch, costs)
    async with a_junction() as (gate, model, url):
        environ = {"DATABASE_URL": f"sqlite:///{path}", "JUNCTION_BASE_URL": url}
        container = create_container(load_settings(environ, staging=True, public_url=""))
        container.prepare_storage()
        container.retention.override(providers.Object(Retention([])))
        writes = _seen_writes(patch, container.storage())
        async with edge(create_app(container)) as server:
            _count_hops(patch, costs)
            yield Counted(Linking(server, gate, model, path), costs, writes)


def _trace_connections(patch: pytest.MonkeyPatch, costs: Costs) -> None:
    connect = sqlite3.connect

    def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)
        connection.set_trace_callback(costs.executed)
        return connection

    patch.setattr(sqlite3, "connect", traced)


def _seen_writes(patch: pytest.MonkeyPatch, storage: Any) -> list[object]:
    """What is handed to the storage; it waits for its commit before anything else can happen."""
    write, writes = storage.write, []

    async def seen(what: object) -> object:
        writes.append(what)
        return await write(what)

    patch.setattr(storage, "write", seen)
    return writes


def _count_hops(patch: pytest.MonkeyPatch, costs: Costs) -> None:
    loop = asyncio.get_running_loop()
    call_soon, here = loop.call_soon_threadsafe, threading.get_ident()

    def counting(*args: Any, **kwargs: Any) -> asyncio.Handle:
        costs.hops += threading.get_ident() != here and not _tidies_up()
        return call_soon(*args, **kwargs)

    patch.setattr(loop, "call_soon_threadsafe", counting)
