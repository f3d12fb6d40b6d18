"""PostgreSQL, or what speaks its protocol: one connection that writes, a few that read.

No request uses a connection on its own task. asyncpg takes a cancelled query for a connection to
be mended, `databases` loses it (docs/adr/0004): here who leaves stops nothing.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from random import random
from typing import Any, Final, Self, TypeVar

from adapters.persistence.dialects import POSTGRESQL
from adapters.persistence.engine import DataError, Rows, Transaction, as_json
from adapters.persistence.postgresql_connection import HeldConnection, Raced, Raw, execute, fetch
from adapters.persistence.rows import time_of
from adapters.persistence.statements import Statements
from domain.errors import StorageUnavailable
from domain.secret import Secret

T = TypeVar("T")

Now = Callable[[Raw], Awaitable[datetime]]

_READERS: Final = 2
_ATTEMPTS: Final = 10  # of a unit that meets other processes; each attempt lets one of them by
_PAUSE: Final = 0.01  # seconds, on average half of it, and more after each attempt


async def database_time(raw: Raw) -> datetime:
    """The database's own clock: the only one that all replicas share."""
    [[now]] = await fetch(raw, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return time_of(now)


class _Transaction:
    def __init__(self, raw: Raw, now: Now) -> None:
        self._raw = raw
        self._now = now

    async def fetch(self, statement: str, *parameters: str) -> Rows:
        return await fetch(self._raw, statement, *parameters)

    async def store(self, statement: str, rows: Rows) -> None:
        await fetch(self._raw, statement, as_json(rows))

    async def now(self) -> datetime:
        return await self._now(self._raw)


class PostgresqlEngine:
    """Open it as a context. Connections are made when they are needed, and anew once they fail.

    `deadline` is how many seconds one use of a connection may take.
    """

    statements: Final = Statements(POSTGRESQL)
    checkpoints_failed: Final = 0  # it makes its own

    def __init__(
        self,
        url: Secret,
        *,
        deadline: float,
        statement_cache_size: int,
        now: Now = database_time,
    ) -> None:
        def a_connection() -> HeldConnection:
            return HeldConnection(
                url, deadline=deadline, statement_cache_size=statement_cache_size
            )

        self._now = now
        self._begin = _begin(deadline)
        self._writer = a_connection()
        self._readers = [a_connection() for _ in range(_READERS)]
        self._reads: set[asyncio.Task[Rows]] = set()
        self._open = False

    async def __aenter__(self) -> Self:
        self._idle: asyncio.LifoQueue[HeldConnection] = asyncio.LifoQueue()
        for reader in self._readers:
            self._idle.put_nowait(reader)
        self._open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        await asyncio.gather(*self._reads, return_exceptions=True)
        await asyncio.gather(*(each.close() for each in (self._writer, *self._readers)))

    async def read(self, statement: str, *parameters: str) -> Rows:
        """See `Engine.read`."""
        reader = await self._idle.get()  # who leaves while waiting leaves nothing behind
        return await asyncio.shield(self._begun(self._read(reader, statement, *parameters)))

    async def transact(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        """See `Engine.transact`."""
        raced: Raced | None = None
        for attempt in range(_ATTEMPTS):
            try:
                return await self._writer.use(lambda raw: self._attempt(raw, unit))
            except Raced as error:
                raced = error
            await asyncio.sleep(random() * _PAUSE * attempt)  # noqa: S311  (it is no secret)
        raise StorageUnavailable from raced

    async def _attempt(self, raw: Raw, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        await execute(raw, self._begin)
        try:
            outcome = await unit(_Transaction(raw, self._now))
            await execute(raw, "COMMIT")
        except DataError:
            await execute(raw, "ROLLBACK")
            raise
        return outcome

    async def _read(self, reader: HeldConnection, statement: str, *parameters: str) -> Rows:
        try:
            if not self._open:
                raise StorageUnavailable
            return await reader.use(lambda raw: fetch(raw, statement, *parameters))
        finally:
            self._idle.put_nowait(reader)

    def _begun(self, read: Coroutine[Any, Any, Rows]) -> asyncio.Task[Rows]:
        task = asyncio.create_task(read)
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        return task


def _begin(deadline: float) -> str:
    """A transaction that the server ends by itself, should we be gone without a word.

    What it has locked would else stay locked for as long as the server believes that we are there.
    """
    milliseconds = math.ceil(deadline * 1000)
    return (
        "BEGIN ISOLATION LEVEL READ COMMITTED; "
        f"SET LOCAL idle_in_transaction_session_timeout = {milliseconds}; "
        f"SET LOCAL lock_timeout = {milliseconds}"
    )
