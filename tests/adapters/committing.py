"""A commit that does as it is told, and the writer over it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.persistence.group_commit import GroupCommit
from domain.errors import StorageUnavailable


class BadData(Exception):
    """What a commit may meet because of one write."""


class RuleBroken(Exception):
    """What a write may meet."""


@dataclass
class Store:
    """Commits what it is given once its gate is open; some words make it fail."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[list[str]] = field(default_factory=list)

    async def commit(self, writes: Sequence[str]) -> list[str | Exception]:
        self.batches.append(list(writes))
        self.begun.set()
        await self.gate.wait()
        if "full" in writes:
            raise StorageUnavailable
        if "bad data" in writes:
            raise BadData
        return [RuleBroken() if write == "bad rule" else write.upper() for write in writes]


@asynccontextmanager
async def committing(store: Store) -> AsyncIterator[GroupCommit[str, str]]:
    commits: GroupCommit[str, str] = GroupCommit(store.commit)
    running = asyncio.create_task(commits.run())
    yield commits
    store.gate.set()
    commits.close()
    await running


def submit(commits: GroupCommit[str, str], *writes: str) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(commits.submit(write)) for write in writes]


async def submit_behind_another(
    commits: GroupCommit[str, str], store: Store, *writes: str
) -> list[asyncio.Task[str]]:
    """Let them wait together while a first batch is being committed; then open the gate."""
    submit(commits, "first")
    await store.begun.wait()
    waiting = submit(commits, *writes)
    await asyncio.sleep(0)
    store.gate.set()
    return waiting
