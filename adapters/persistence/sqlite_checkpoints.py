"""Bringing what was committed from the log into the file, so that no commit has to."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self

import structlog

from adapters.persistence.engine import DataError
from adapters.persistence.sqlite_connection import HeldConnection, execute
from domain.errors import StorageUnavailable

Sleep = Callable[[float], Awaitable[None]]

# Seconds. A full load writes some thousand pages meanwhile, which is far from the stop below; and
# eight syncs a second, two for each time, are few beside one for each commit.
CHECKPOINT_EVERY: Final = 0.25

# Pages: how far the log may run ahead, 64 MB, should nobody else do it. SQLite's own 1000 are
# reached within a batch or two, whose callers then wait until all of it is in the file.
STOP: Final = "PRAGMA wal_autocheckpoint = 16000"

_log: Final = structlog.get_logger()


class Checkpoints:
    """Open it as a context, inside that of the writer; on a connection and thread of its own.

    Those that fail are made up for by the next, by the writer at the stop, or at the close. The
    log is told of the first of several, and of the end of them: there may be four a second.
    """

    def __init__(self, path: Path, *, sleep: Sleep = asyncio.sleep) -> None:
        self._connection = HeldConnection(path, name="sqlite-checkpoints")
        self._sleep = sleep
        self._written = asyncio.Event()
        self._opened = AsyncExitStack()
        self._in_a_row = 0
        self.failed = 0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._connection)
            running = asyncio.create_task(self._run())
            opening.push_async_callback(_ended, running)
            self._opened = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    def written(self) -> None:
        """Say that there is something to bring over."""
        self._written.set()

    async def _run(self) -> None:
        while True:
            await self._written.wait()
            await self._sleep(CHECKPOINT_EVERY)
            self._written.clear()
            await self._bring_over()

    async def _bring_over(self) -> None:
        try:
            # PASSIVE takes what it can, and waits for nobody.
            await self._connection.use(lambda raw: execute(raw, "PRAGMA wal_checkpoint(PASSIVE)"))
        except (DataError, StorageUnavailable) as error:
            self.failed += 1
            self._in_a_row += 1
            if self._in_a_row == 1:
                _log.error("checkpoint_failed", exc_info=error)
        else:
            if self._in_a_row:
                _log.info("checkpoint_recovered", count=self._in_a_row)
            self._in_a_row = 0


async def _ended(running: asyncio.Task[None]) -> None:
    """One that is under way is waited for by its connection, which closes after it."""
    running.cancel()
    await asyncio.wait([running])
