"""`wearable-link doctor`: an SQLite file, which stays as it is."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from adapters.persistence import sqlite_examination
from adapters.persistence.migrate import HEAD, REVISIONS
from adapters.persistence.sqlite_schema import prepare_sqlite, upgrade_sqlite
from entrypoints.doctor.finding import Finding
from tests.adapters.sqlite_files import a_storage, execute
from tests.entrypoints.diagnosed import diagnose

CHECKS: Final = ("database", "database-schema", "database-durability", "database-access")

Contents = dict[str, tuple[bytes, int, int]]


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """One that the service has made, served and closed."""
    path = tmp_path / "database" / "link.db"
    prepare_sqlite(path, staging=False)
    async with a_storage(path):
        pass
    return path


def contents(folder: Path) -> Contents:
    """All of it, but for what is in `-shm`: that is no data, but which reader is how far."""
    return {
        path.name: (
            b"" if path.suffix == ".db-shm" else path.read_bytes(),
            0 if path.suffix == ".db-shm" else path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in folder.iterdir()
    }


def give(path: Path, mode: int) -> None:
    path.chmod(mode)


async def look(file: Path, *, staging: bool = False) -> dict[str, Finding]:
    """What each check of the database says; nothing of it has changed."""
    environ = {"DATABASE_URL": f"sqlite:///{file}"}
    before = contents(file.parent)
    found = {name: await diagnose(name, environ, staging=staging) for name in CHECKS}
    assert contents(file.parent) == before
    return found


def states(found: dict[str, Finding]) -> list[str]:
    return [found[name].state for name in CHECKS]


async def test_file_of_the_service_is_as_it_should_be(file: Path) -> None:
    found = await look(file)

    assert states(found) == ["green"] * 4, found
    assert HEAD in found["database-schema"].says


async def test_file_that_is_being_served_is_looked_at_too(file: Path) -> None:
    async with a_storage(file):
        execute(file, "INSERT INTO webhook_deliveries VALUES ('msg', 0)")
        assert file.with_name("link.db-wal").stat().st_size > 0

        assert states(await look(file)) == ["green"] * 4


async def test_file_that_a_killed_service_left_is_looked_at_too(
    file: Path, tmp_path: Path
) -> None:
    left = tmp_path / "left"
    async with a_storage(file):
        execute(file, "INSERT INTO webhook_deliveries VALUES ('msg', 0)")
        shutil.copytree(file.parent, left)

    assert states(await look(left / "link.db")) == ["green"] * 4


async def test_file_that_cannot_be_read_without_a_trace_is_left_alone(
    file: Path, tmp_path: Path
) -> None:
    left = tmp_path / "left"
    async with a_storage(file):
        execute(file, "INSERT INTO webhook_deliveries VALUES ('msg', 0)")
        shutil.copytree(file.parent, left)
    (left / "link.db-shm").unlink()

    found = await look(left / "link.db")

    assert states(found) == ["red", "yellow", "yellow", "yellow"]
    assert found["database"].says == "cannot be read: unable to open database file"


async def test_file_that_is_not_there_is_reported_and_not_made(tmp_path: Path) -> None:
    found = await look(tmp_path / "link.db")

    assert states(found) == ["yellow"] * 4
    assert found["database"].says == f"{tmp_path / 'link.db'} is not there"
    assert contents(tmp_path) == {}


async def test_memory_has_nothing_to_look_at() -> None:
    for name in CHECKS:
        finding = await diagnose(name, {"DATABASE_URL": "memory:"}, staging=True)
        assert (finding.state, finding.says) == ("green", "memory: gone with the service")


async def test_address_that_is_none(tmp_path: Path) -> None:
    found = {name: await diagnose(name, {"DATABASE_URL": "mysql://db"}) for name in CHECKS}

    assert states(found) == ["red", "yellow", "yellow", "yellow"]
    assert contents(tmp_path) == {}


async def test_schema_one_revision_behind_is_upgraded_by_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "link.db"
    upgrade_sqlite(file, REVISIONS[-2])

    found = await look(file)

    assert found["database"].state == "green"
    assert found["database-schema"].state == "yellow"
    assert found["database-schema"].says == f"at {REVISIONS[-2]}, and this version wants {HEAD}"


async def test_empty_file_is_at_nothing(tmp_path: Path) -> None:
    file = tmp_path / "link.db"
    file.touch(mode=0o600)

    found = await look(file)

    assert found["database"].state == "green"
    assert (found["database-schema"].state, "nothing" in found["database-schema"].says) == (
        "yellow",
        True,
    )


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "by a newer version"),
        ("DROP TABLE alembic_version", "another program's"),
        ("INSERT INTO database_marks VALUES ('staging')", "was made by staging"),
    ],
)
async def test_database_for_another_use(file: Path, statement: str, says: str) -> None:
    execute(file, statement)

    found = await look(file)

    assert found["database"].state == "red"
    assert says in found["database"].says
    assert found["database-schema"].says == "not looked at: the database is not this service's"


async def test_real_patients_are_not_for_staging(file: Path) -> None:
    execute(file, "INSERT INTO junction_users VALUES ('user', 'anna-canary', NULL, 0, NULL)")

    found = await look(file, staging=True)

    assert found["database"].state == "red"
    assert "not staging's" in found["database"].says
    assert "canary" not in str(found)


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    file = tmp_path / "link.db"
    file.write_text("Dear diary, " * 100)
    return file


async def test_what_is_no_database(diary: Path) -> None:
    found = await look(diary)

    assert states(found) == ["red", "yellow", "yellow", "yellow"]
    assert found["database"].says == "cannot be read: file is not a database"


async def test_journal_mode_that_is_not_wal(file: Path) -> None:
    execute(file, "PRAGMA journal_mode = DELETE")

    found = await look(file)

    assert found["database-durability"].state == "yellow"
    assert "journal_mode is not WAL" in found["database-durability"].says


async def test_connection_that_would_lose_a_commit(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_examination, "PRAGMAS", ("PRAGMA synchronous = NORMAL",))

    found = await look(file)

    assert found["database-durability"].state == "red"
    assert "synchronous is not FULL" in found["database-durability"].says


@pytest.fixture
def busy(file: Path) -> Iterator[Path]:
    """One that another process is writing to."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield file


async def test_file_that_another_process_writes_is_no_worse(busy: Path) -> None:
    assert states(await look(busy)) == ["green"] * 4


@pytest.mark.parametrize(
    ("mode", "state"), [(0o600, "green"), (0o640, "yellow"), (0o604, "red"), (0o666, "red")]
)
async def test_file_that_others_can_read(file: Path, mode: int, state: str) -> None:
    give(file, mode)

    finding = (await look(file))["database-access"]

    assert finding.state == state
    assert ("chmod 600" in finding.advice) == (state != "green")


@pytest.mark.parametrize(
    ("mode", "state"), [(0o700, "green"), (0o755, "green"), (0o777, "red"), (0o1777, "green")]
)
async def test_folder_where_others_can_replace_the_file(file: Path, mode: int, state: str) -> None:
    give(file.parent, mode)

    assert (await look(file))["database-access"].state == state


@pytest.mark.parametrize("what", ["link.db", ""])
async def test_what_this_user_may_not_write(
    file: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The tests may be run by root, who may do everything."""
    may_not = file.parent / what
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != may_not and allowed(path, mode)
    )

    finding = (await look(file))["database-access"]

    assert finding.state == "red"
    assert "may not be written by this user" in finding.says
