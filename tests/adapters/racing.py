"""Another replica's transaction in somebody's way, and what the database has to say of it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg

from tests.postgresql import execute

T = TypeVar("T")


@asynccontextmanager
async def in_the_way(url: str, *statements: str) -> AsyncIterator[None]:
    """A transaction that has run these, and is committed at the end."""
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            for statement in statements:
                await other.execute(statement)
            yield
    finally:
        await other.close()


async def begun_and_waiting(url: str, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """The work, once it waits for a lock."""
    task = asyncio.create_task(work)
    while not await execute(url, "SELECT 1 FROM pg_locks WHERE NOT granted"):
        assert not task.done()
    return task


async def deadlocks(url: str) -> int:
    [[found]] = await execute(
        url, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    return int(found)


async def count_rows(url: str, of: str) -> int:
    [[found]] = await execute(url, f"SELECT count(*) FROM {of}")  # noqa: S608  (a test's own)
    return int(found)
