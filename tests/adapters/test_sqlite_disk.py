"""SqliteEngine on a disk that is full, cannot be written to, or gives back something else."""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.persistence.migrate import WrongDatabase
from adapters.persistence.repositories import SqlConnectionRepository
from adapters.persistence.sqlite_schema import prepare_sqlite
from domain.errors import StorageUnavailable
from tests.adapters.sqlite_files import Work, a_storage, counted, execute
from tests.builders import ANNA

_NOBODY = 65534
_PAGE = 4096


@pytest.fixture
def path() -> Iterator[Path]:
    """In a folder that somebody without rights can reach, too."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    prepare_sqlite(folder / "connections.db", staging=False)
    yield folder / "connections.db"
    shutil.rmtree(folder)


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def damage(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * size)


@contextmanager
def no_file_may_grow() -> Iterator[None]:
    """What a full disk comes to: writes fail, while what is there can be read and written over."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_PAGE, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def nothing_may_be_written(path: Path) -> Iterator[None]:
    """File and folder are another's, and read-only; root's rights are laid down for the time."""
    path.chmod(0o444)
    path.parent.chmod(0o555)
    was_root = os.geteuid() == 0
    if was_root:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        if was_root:
            os.seteuid(0)
        path.parent.chmod(0o755)
        path.chmod(0o600)


async def test_full_disk_is_unavailable_until_there_is_room(path: Path) -> None:
    async with a_storage(path) as storage:
        work = Work(storage)
        await work.mint("anna")
        await work.mint("ben")
        acknowledged = await work.record("ben")
        with no_file_may_grow():
            for _ in range(3):
                with pytest.raises(StorageUnavailable):
                    await work.record("anna")
            await storage.check()  # what is there can be read
            assert await SqlConnectionRepository(storage).list_for(ANNA) == []
        await work.record("anna")

    assert counted(path) == (2, 2, 2)
    assert execute(path, "SELECT id FROM connections WHERE patient_id = 'ben'") == [
        (str(acknowledged.id),)
    ]
    assert execute(path, "PRAGMA integrity_check") == [("ok",)]


async def test_commit_that_would_make_the_file_too_large_fails_whole(path: Path) -> None:
    """SQLite's own word for a full disk: it leaves no transaction half open."""
    async with a_storage(path) as storage:
        work = Work(storage)
        await work.mint("anna")
        [[pages]] = execute(path, "PRAGMA page_count")
        await storage._engine.transact(  # noqa: SLF001  (the limit is the connection's own)
            lambda transaction: transaction.fetch(f"PRAGMA max_page_count = {pages}")
        )
        with pytest.raises(StorageUnavailable):
            await work.mint("a patient with a very long name" * 1000)
        await storage._engine.transact(  # noqa: SLF001
            lambda transaction: transaction.fetch("PRAGMA max_page_count = 1000000")
        )
        await work.mint("a patient with a very long name" * 1000)
        await work.record("anna")

    assert counted(path) == (1, 1, 1)


def test_file_that_became_read_only_is_refused_at_the_start(path: Path) -> None:
    before = path.read_bytes()
    with nothing_may_be_written(path), pytest.raises(WrongDatabase, match="cannot be opened"):
        prepare_sqlite(path, staging=False)

    assert path.read_bytes() == before


async def test_file_that_cannot_be_written_is_unavailable_and_stays_as_it_is(path: Path) -> None:
    async with a_storage(path) as storage:
        await Work(storage).mint("anna")
    before = content_of(path)

    with nothing_may_be_written(path), pytest.raises(StorageUnavailable):
        async with a_storage(path):
            pass

    assert content_of(path) == before


async def test_damage_in_the_middle_is_unavailable_where_it_is_met(path: Path) -> None:
    async with a_storage(path) as storage:
        await Work(storage).mint("anna")
    [[root]] = execute(path, "SELECT rootpage FROM sqlite_master WHERE name = 'connections'")
    damage(path, (root - 1) * _PAGE, _PAGE)

    async with a_storage(path) as storage:
        work = Work(storage)
        with pytest.raises(StorageUnavailable):
            await work.record("anna")
        await work.mint("ben")  # another table

    assert execute(path, "SELECT count(*) FROM link_tokens") == [(2,)]


def test_damage_at_the_head_is_refused_at_the_start(path: Path) -> None:
    damage(path, 100, _PAGE - 100)
    before = path.read_bytes()

    with pytest.raises(WrongDatabase, match="cannot be opened"):
        prepare_sqlite(path, staging=False)

    assert path.read_bytes() == before
