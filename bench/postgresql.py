"""The exchange on PostgreSQL, against asyncpg as it comes: a pool of ten, one by one.

The server is started for it: durable as it is by itself (fsync and synchronous_commit on), on
loopback, in a temporary folder, and on the clients' core, which it inherits from this process;
each candidate has a database of its own. What PostgreSQL costs is not in a candidate's CPU.

Each looks the token up, asks Junction, and stores the row, the binding and one event in a
transaction of its own; but this service stores in one transaction what waits for it, and locks
and reads the rows that it changes first, as there may be other replicas.
"""

import asyncio
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import Final

import asyncpg

from adapters.persistence import rows
from bench import ledger, linked
from bench.candidates import AGAIN, PEERS, SERVICE, Candidate, service
from bench.rounds import Scenario
from bench.work import Exchange
from tests.postgresql import a_server, execute

_PEERS_SCHEMA: Final = ledger.PEERS_SCHEMA.with_name("schema_postgresql.sql")
_PATIENCE: Final = 120.0  # seconds for a statement

# Of an empty table no database knows how it will be asked; a service that runs has patients.
_BEFORE: Final = linked.three_each(20_000)

_RENEW: Final = (
    "UPDATE link_tokens SET bound_to = NULL WHERE bound_to IS NOT NULL",
    "DELETE FROM connections WHERE patient_id LIKE 'patient-%'",
    "TRUNCATE connection_events",
    "VACUUM ANALYZE",  # as it would do by itself within a minute
    "CHECKPOINT",
)


@contextmanager
def on_postgresql() -> Iterator[Scenario]:
    """For as long as the server is there."""
    with a_server(of_the_lock=True) as server:
        [version] = asyncio.run(execute(server.url(), "SHOW server_version"))[0]
        candidates = (
            (service(), _fill_ours),
            (PEERS["fastapi_asyncpg"], _fill_peers),
            (AGAIN, _fill_ours),
        )
        for candidate, _ in candidates:
            _run(server.url(), f"CREATE DATABASE {candidate.name}")
        yield Scenario(
            name="postgresql",
            title=f"The exchange on PostgreSQL {version}",
            candidates=[_on(server.url(each.name), each, fill) for each, fill in candidates],
            work=Exchange(),
            levels=[1, 16, 64],
        )


def _on(url: str, candidate: Candidate, fill: Callable[[str], None]) -> Candidate:
    """`candidate`, with its rows at `url` and not in the file that it is given."""
    environment = candidate.environment
    return replace(
        candidate,
        environment=lambda _, junction: environment(url, junction),
        fill=lambda _: fill(url),
        renew=lambda _: _run(url, *_RENEW),
    )


def _fill_ours(url: str) -> None:
    environment = service().environment(url, "http://127.0.0.1")
    subprocess.run((str(SERVICE), "migrate", "--staging"), env=environment, check=True)
    users = chain(ledger.users(), _BEFORE.users())
    _copy(url, "junction_users", map(rows.user_row, users))
    _copy(url, "link_tokens", map(rows.entry_row, ledger.entries()))
    _copy(url, "connections", map(rows.connection_row, _BEFORE.connections()))


def _fill_peers(url: str) -> None:
    _run(url, _PEERS_SCHEMA.read_text())
    _copy(url, "link_tokens", (rows.entry_row(entry)[:7] for entry in ledger.entries()))
    _copy(url, "connections", map(linked.peers_row, _BEFORE.connections()))


def _copy(url: str, table: str, those: Iterable[rows.Row]) -> None:
    async def copy() -> None:
        database = await asyncpg.connect(url)
        try:
            await database.copy_records_to_table(table, records=those)
        finally:
            await database.close()

    asyncio.run(copy())


def _run(url: str, *statements: str) -> None:
    async def run() -> None:
        database = await asyncpg.connect(url, command_timeout=_PATIENCE)
        try:
            for statement in statements:
                await database.execute(statement)
        finally:
            await database.close()

    asyncio.run(run())
