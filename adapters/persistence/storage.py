"""The storage over a database: who reads asks at once, those who write are committed together."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Final, Self, TypeVar, overload

from adapters.deadlines import Deadlines
from adapters.persistence.batch import Stored, Write, apply
from adapters.persistence.engine import DataError, Engine, Rows, Transaction
from adapters.persistence.figures import SqlFigures
from adapters.persistence.group_commit import GroupCommit
from adapters.persistence.migrate import FIND_REVISION, REVISIONS
from adapters.persistence.timeline import Timeline
from domain.connection import Connection
from domain.errors import LinkingError, StorageOutdated, StorageUnavailable
from domain.history import Refusal
from domain.ledger import LedgerEntry
from domain.link_token import Mint
from domain.news import News
from domain.recording import Report
from domain.retention import Forget, Forgotten, Sweep
from ports.clock import Clock

T = TypeVar("T")

_AT_ONCE: Final = 0.2  # seconds for a check; who needs longer is better spared requests


class NotTogether(Exception):
    """What comes behind a forgetting finds it done: such writes are committed one by one."""


class SqlStorage:
    """Open it as a context; `deadline` is how many seconds a caller waits at most."""

    def __init__(self, engine: Engine, *, clock: Clock, deadline: float) -> None:
        self._engine = engine
        self.statements = engine.statements
        self._clock = clock
        self._timeline = Timeline(clock)
        self._deadline = deadline
        self._deadlines = Deadlines()
        self._opened = AsyncExitStack()
        self.commits: GroupCommit[Write, Stored]
        self._committing: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._engine)
            self.commits = GroupCommit(self._commit)
            self._committing = asyncio.create_task(self.commits.run())
            opening.push_async_callback(self._drain)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    async def check(self) -> None:
        """See `Storage.check`."""
        found = await self._in_time(self._engine.read(FIND_REVISION), _AT_ONCE)
        # A newer one is of the version that is about to take over, and has migrated already.
        if any(revision in REVISIONS[:-1] for (revision,) in found):
            raise StorageOutdated
        if self._committing.done() or self.commits.under_way > self._deadline:
            raise StorageUnavailable

    @property
    def figures(self) -> SqlFigures:
        """Of one that is open."""
        return SqlFigures(self.commits, self._engine)

    def ago(self, age: timedelta) -> datetime:
        """The time of day that long ago, near enough to find what is stale."""
        return self._clock.now() - age

    async def read(self, statement: str, *parameters: str) -> Rows:
        """The rows of a SELECT.

        Raises:
            StorageUnavailable: the database cannot be read, or not in time.

        """
        return await self._in_time(self._engine.read(statement, *parameters), self._deadline)

    @overload
    async def write(self, write: Mint) -> LedgerEntry: ...

    @overload
    async def write(self, write: Report) -> Connection: ...

    @overload
    async def write(self, write: News) -> Sequence[Connection]: ...

    @overload
    async def write(self, write: Refusal) -> None: ...

    @overload
    async def write(self, write: Forget) -> Forgotten: ...

    @overload
    async def write(self, write: Sweep) -> int: ...

    async def write(self, write: Write) -> Stored:
        """The outcome of a write, once it is durable.

        Raises:
            StorageUnavailable: it is not known to be durable in time.
            LinkingError: it broke a rule and changed nothing.

        """
        if isinstance(write, Refusal):  # nobody waits for it; given up, it would come again
            return await self.commits.submit(write)
        return await self._in_time(self.commits.submit(write), self._deadline)

    async def _in_time(self, work: Awaitable[T], seconds: float) -> T:
        try:
            with self._deadlines.after(seconds):
                return await work
        except (TimeoutError, DataError) as error:
            raise StorageUnavailable from error

    async def _commit(self, writes: Sequence[Write]) -> Sequence[Stored | LinkingError]:
        if len(writes) > 1 and any(isinstance(write, Forget) for write in writes):
            raise NotTogether

        async def unit(transaction: Transaction) -> Sequence[Stored | LinkingError]:
            return await apply(transaction, self.statements, writes, self._timeline)

        return await self._engine.transact(unit)

    async def _drain(self) -> None:
        self.commits.close()
        await self._committing
