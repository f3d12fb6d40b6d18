"""What `Storage.check` says of the schema it finds, over every storage that has one."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from adapters.persistence.migrate import HEAD, REVISIONS
from domain.errors import StorageOutdated, StorageUnavailable
from ports.storage import Storage
from tests import postgresql
from tests.adapters import sqlite_files
from tests.contracts import storages
from tests.contracts.storages import Stored

Execute = Callable[[str], Awaitable[object]]


@dataclass(frozen=True)
class Kept:
    """`execute` is another process's statement, as when it migrates or puts a backup back."""

    storage: Storage
    execute: Execute

    async def revise(self, revision: str) -> None:
        statement = f"UPDATE alembic_version SET version_num = '{revision}'"  # noqa: S608  (ours)
        await self.execute(statement)


@pytest.fixture(params=["sqlite", "postgresql"])  # what is kept in memory has no schema
def opening(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> tuple[AbstractAsyncContextManager[Stored], Execute]:
    if request.param == "sqlite":
        file = partial(sqlite_files.execute, tmp_path / "contract.db")
        return storages.sqlite(tmp_path, clock), partial(asyncio.to_thread, file)
    url = request.getfixturevalue("postgresql")
    return storages.postgresql(url, clock), partial(postgresql.execute, url)


@pytest.fixture
async def kept(
    opening: tuple[AbstractAsyncContextManager[Stored], Execute],
) -> AsyncIterator[Kept]:
    opened, execute = opening
    async with opened as stored:
        yield Kept(stored.storage, execute)


async def test_schema_of_any_older_version_is_outdated_until_it_is_migrated(kept: Kept) -> None:
    await kept.storage.check()
    for older in REVISIONS[:-1]:
        await kept.revise(older)
        with pytest.raises(StorageOutdated):
            await kept.storage.check()

    await kept.revise(HEAD)
    await kept.storage.check()


async def test_schema_this_version_has_not_heard_of_is_no_reason(kept: Kept) -> None:
    for next_or_unknown in ("0005", "9999", "5f3a"):
        assert next_or_unknown not in REVISIONS
        await kept.revise(next_or_unknown)

        await kept.storage.check()


async def test_storage_that_does_not_say_its_revision_is_unavailable(kept: Kept) -> None:
    await kept.execute("DROP TABLE alembic_version")

    with pytest.raises(StorageUnavailable):
        await kept.storage.check()
