"""Cycle after cycle: start, prove what was promised before, load, kill, compare."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from tests.crash.clients import Clients, Gone, Junction
from tests.crash.comparison import compare
from tests.crash.journal import Fault, Finding, Journal
from tests.crash.load import prove, work
from tests.crash.plan import Cycle, Kill, deals, sample
from tests.crash.processes import Server
from tests.crash.tables import Found, Tables
from tests.e2e.processes import a_free_port

_OLDER: Final = 10  # tokens of earlier cycles that are proved once more
_PATIENCE: Final = 60.0  # seconds, for whatever has an end
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20.0)


@dataclass(slots=True, kw_only=True)
class Run:
    """`folder` is the service's own; `junction` is not killed. `at` is the cycle under way."""

    seed: int
    workers: int
    tables: Tables
    folder: Path
    junction: Junction
    junction_url: str
    journal: Journal = field(default_factory=Journal)
    counted: Counter[str] = field(default_factory=Counter)
    at: int = 0

    async def through(self, cycles: Iterable[Cycle]) -> list[Finding]:
        """All of them, or up to the first in which something is found."""
        last = None
        for cycle in cycles:
            self.at = cycle.number
            if last is None or cycle.is_on_a_new_database:
                await self._begin_anew(last)
            if not self.journal.findings:
                await self._go_through(cycle)
            if self.journal.findings:
                break
            last = cycle
        else:
            await self._begin_anew(last)
        return self.journal.findings

    async def _begin_anew(self, last: Cycle | None) -> None:
        """With an empty database; but first the last promises of the one before are proved."""
        if last is not None:
            await self._end(last)
        if not self.journal.findings:
            await self.tables.empty()
            self.journal = Journal(counted=self.counted)

    async def _go_through(self, cycle: Cycle) -> None:
        async with self._serving() as (server, clients):
            if cycle.kill not in {Kill.MIGRATING, Kill.STARTING}:
                await self._prove(server, clients, cycle)
            loading = asyncio.create_task(self._load(server, clients, cycle))
            await self._kill(server, cycle)
            await asyncio.wait_for(loading, _PATIENCE)
        self._look(await self.tables.read())
        self.counted["cycles"] += 1

    async def _end(self, last: Cycle) -> None:
        async with self._serving() as (server, clients):
            await self._prove(server, clients, last)
        self._look(await self.tables.read())

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[tuple[Server, Clients]]:
        port = a_free_port()
        environ = {"DATABASE_URL": self.tables.url, "JUNCTION_BASE_URL": self.junction_url}
        serve = ("serve", "--staging", "--port", str(port))
        server = await Server.start(*serve, folder=self.folder, environ=environ)
        url = f"http://127.0.0.1:{port}"
        try:
            async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
                yield server, Clients(session, url, junction=self.junction, journal=self.journal)
        finally:
            await server.kill()

    async def _prove(self, server: Server, clients: Clients, cycle: Cycle) -> None:
        proven = sorted(clients.journal.mints.keys() - clients.journal.unproven)
        older = sample(self.seed, cycle, proven, _OLDER)
        try:
            if await server.is_up():
                await prove(clients, [*clients.journal.unproven, *older])
                return
        except (Gone, TimeoutError):
            pass
        self._report_down(server)

    async def _load(self, server: Server, clients: Clients, cycle: Cycle) -> None:
        if await server.is_up():
            self.counted["up"] += 1
            workers = range(self.workers)
            await asyncio.gather(*(work(clients, deals(self.seed, cycle, n)) for n in workers))

    async def _kill(self, server: Server, cycle: Cycle) -> None:
        if cycle.kill is Kill.MIGRATING:
            while server.is_starting and not await self.tables.are_being_made():  # noqa: ASYNC110  (another process writes)
                await asyncio.sleep(0.0005)
        await asyncio.sleep(cycle.after)
        match cycle.kill:
            case Kill.STOPPING:
                server.terminate()
                await asyncio.sleep(cycle.follows)
            case Kill.COMMITTING | Kill.CHECKPOINTING:
                await self.tables.strike(server.pid, cycle.kill)
        if await server.kill():
            self.counted[f"killed: {cycle.kill}"] += 1
        elif cycle.kill is Kill.STOPPING:
            self.counted["stopped in time"] += 1
        else:
            self._report_down(server)

    def _report_down(self, server: Server) -> None:
        last_lines = "\n".join(server.log.splitlines()[-5:])
        self.journal.findings.append(Finding(Fault.DOWN, last_lines))

    def _look(self, found: Found) -> None:
        self.journal.findings += compare(self.journal, found)
        self.counted.update(f"caught: {what}" for what in found.caught)
        self.journal.overhear({token.digest for token in found.tokens if token.bound_to})
