"""PostgreSQL as what keeps the records in these histories."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import TypeVar

from dependency_injector import providers

from adapters.clock import FixedClock
from adapters.persistence.engine import Rows, Transaction
from adapters.persistence.postgresql import PostgresqlEngine
from adapters.persistence.postgresql_connection import Raw
from domain.errors import StorageUnavailable
from domain.secret import Secret
from entrypoints.container import Container
from tests.model.storages import Fresh
from tests.postgresql import Databases, execute

T = TypeVar("T")

OTHERS = """SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend'
AND datname = current_database() AND pid <> pg_backend_pid()"""


class MortalEngine(PostgresqlEngine):
    """It can die as a process does: its connections are cut, and no other is made."""

    is_dead = False

    def die(self) -> None:
        self.is_dead = True
        for held in (self._writer, *self._readers):
            if held._raw is not None:  # noqa: SLF001  (no adapter has a way to die)
                held._raw.terminate()  # noqa: SLF001

    async def read(self, statement: str, *parameters: str) -> Rows:
        if self.is_dead:
            raise StorageUnavailable
        return await super().read(statement, *parameters)

    async def transact(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        if self.is_dead:
            raise StorageUnavailable
        return await super().transact(unit)


class PostgresqlDatabase:
    outlives_the_process = True

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self.url = databases.migrated()
        self._engine: MortalEngine

    def wire(self, container: Container, clock: FixedClock) -> None:
        async def now(_: Raw) -> datetime:
            return clock.now()

        self._engine = MortalEngine(
            Secret(self.url), deadline=20.0, statement_cache_size=100, now=now
        )
        container.engine.override(providers.Object(self._engine))

    def be_killed(self) -> None:
        self._engine.die()

    async def come_to_rest(self) -> None:
        while await execute(self.url, OTHERS):
            pass

    @asynccontextmanager
    async def breaking_midway(self) -> AsyncIterator[None]:
        await execute(self.url, "ALTER TABLE connection_events RENAME TO elsewhere")
        yield
        await execute(self.url, "ALTER TABLE elsewhere RENAME TO connection_events")

    def remove(self) -> None:
        self._databases.drop(self.url)


@contextmanager
def postgresql(databases: Databases) -> Iterator[Fresh]:
    yield lambda: PostgresqlDatabase(databases)
