"""`make crash` from the first line to the last: the seed, the cycles, the report."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from tests.crash.clients import Junction
from tests.crash.journal import Finding
from tests.crash.plan import Cycle, cycles
from tests.crash.processes import Server
from tests.crash.report import replay, report
from tests.crash.run import Run
from tests.crash.tables import Tables
from tests.e2e.processes import a_free_port

_TOLD: Final = 25  # cycles, between two signs of life
_SHOWN: Final = 20  # findings

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    seed: int
    first: int = 0
    count: int
    workers: int


async def crash(order: Order, tables: Tables, *, folder: Path, say: Say) -> list[Finding]:
    """Go through the cycles, and say what came of it; `tables` are emptied now and then."""
    say(f"seed {order.seed}")
    began = time.monotonic()
    async with _junction(folder) as (junction, url):
        run = Run(
            seed=order.seed,
            workers=order.workers,
            tables=tables,
            folder=folder,
            junction=junction,
            junction_url=url,
        )
        planned = cycles(order.seed, first=order.first, count=order.count)
        try:
            await run.through(_told(planned, run.counted, say))
        finally:  # also where the harness itself broke
            findings = run.journal.findings
            say(report(run.counted, findings, time.monotonic() - began))
            for finding in findings[:_SHOWN]:
                say(str(finding))
            say(f"cycle {run.at} again: {replay(order.seed, run.at, order.workers)}")
    return findings


def _told(planned: Iterable[Cycle], counted: Counter[str], say: Say) -> Iterator[Cycle]:
    for cycle in planned:
        if counted["cycles"] and counted["cycles"] % _TOLD == 0:
            say(f"{counted['cycles']} cycles, {counted['exchanges']} exchanges")
        yield cycle


@asynccontextmanager
async def _junction(folder: Path) -> AsyncIterator[tuple[Junction, str]]:
    port = a_free_port()
    simulate = ("simulate-junction", "--port", str(port))
    server = await Server.start(*simulate, folder=folder, environ={})
    url = f"http://127.0.0.1:{port}"
    try:
        assert await server.is_up(), server.log
        # Nobody may be told through a connection that the server has just closed for its age.
        connector = aiohttp.TCPConnector(force_close=True)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Junction(session, url), url
    finally:
        await server.kill()
