"""The tables of a PostgreSQL whose client, the service, is dead."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any, Final

import asyncpg

from tests.crash.plan import Kill
from tests.crash.tables import (
    CONNECTIONS,
    EVENTS,
    TOKENS,
    USERS,
    ConnectionRow,
    EventRow,
    Found,
    TokenRow,
    UserRow,
)
from tests.postgresql import execute, execute_script

_OTHERS: Final = """SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend'
AND datname = current_database() AND pid <> pg_backend_pid()"""
_MIGRATING: Final = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
_MADE: Final = "SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"


class PostgresqlTables:
    def __init__(self, url: str) -> None:
        self.url = url

    async def are_there(self) -> bool:
        return bool(await execute(self.url, _MADE))

    async def are_being_made(self) -> bool:
        return bool(await execute(self.url, _MIGRATING))

    async def strike(self, pid: int, kill: Kill) -> None:  # noqa: ARG002  (the server checkpoints)
        """While a transaction of the service is under way, as far as the server can tell."""
        under_way = f"{_OTHERS} AND state IN ('active', 'idle in transaction') LIMIT 1"
        with suppress(TimeoutError):
            async with asyncio.timeout(3.0):
                while not await execute(self.url, under_way):
                    pass
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    async def read(self) -> Found:
        """Once the server has heard that the service is gone, and has ended what it was at."""
        while await execute(self.url, _OTHERS):  # noqa: ASYNC110  (another process ends them)
            await asyncio.sleep(0.01)
        if not await self.are_there():
            return Found()
        connections, tokens, users, events = [
            await self._rows(statement) for statement in (CONNECTIONS, TOKENS, USERS, EVENTS)
        ]
        return Found(
            connections=[ConnectionRow(*row) for row in connections],
            tokens=[TokenRow(*row) for row in tokens],
            users=[UserRow(*row) for row in users],
            events=[EventRow(*row) for row in events],
        )

    async def empty(self) -> None:
        await execute_script(self.url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    async def _rows(self, statement: str) -> list[asyncpg.Record]:
        found: list[Any] = await execute(self.url, statement)
        return found
