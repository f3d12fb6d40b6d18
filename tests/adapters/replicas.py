"""Storages over one PostgreSQL database, as replicas of the service hold them, and their work."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from adapters.clock import SystemClock
from adapters.persistence.postgresql import PostgresqlEngine
from adapters.persistence.repositories import (
    SqlConnectionRepository,
    SqlLinkTokenLedger,
    SqlRetention,
)
from adapters.persistence.storage import SqlStorage
from domain.secret import Secret
from ports.clock import Clock


@dataclass(frozen=True)
class Replica:
    storage: SqlStorage
    ledger: SqlLinkTokenLedger
    connections: SqlConnectionRepository
    retention: SqlRetention

    @classmethod
    def at(
        cls,
        url: str,
        *,
        deadline: float = 20.0,
        statement_cache_size: int = 100,
        clock: Clock | None = None,
    ) -> "Replica":
        engine = PostgresqlEngine(
            Secret(url), deadline=deadline, statement_cache_size=statement_cache_size
        )
        storage = SqlStorage(engine, clock=clock or SystemClock(), deadline=deadline)
        return cls(
            storage,
            SqlLinkTokenLedger(storage),
            SqlConnectionRepository(storage),
            SqlRetention(storage),
        )

    async def __aenter__(self) -> Self:
        await self.storage.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.storage.__aexit__(kind, error, traceback)


class Replicas(AsyncExitStack):
    """Opens any number of them, and closes them all."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def one_more(self) -> Replica:
        return await self.enter_async_context(Replica.at(self._url))
