"""The embedded database's file: its schema, and whose data it may hold."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from adapters.persistence import migrate, rows
from adapters.persistence.migrate import HEAD, REVISIONS, WrongDatabase
from adapters.persistence.sqlite_schema import prepare_sqlite, revision_of, upgrade_sqlite
from tests.adapters.sqlite_files import execute

# What each migration makes after something else.
IN_THE_WAY = {
    "0001": "CREATE TABLE database_marks (mark TEXT)",
    "0002": "CREATE TABLE _alembic_tmp_connection_events (id TEXT)",
    "0003": "CREATE INDEX connection_events_of_patient ON connection_events (patient_id)",
    "0004": "DROP INDEX connections_of_junction_user",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "connections.db"


def add_a_patient(path: Path) -> None:
    execute(path, "INSERT INTO junction_users VALUES ('user', 'anna', NULL, 0, NULL)")


def schema(path: Path) -> list[tuple[str, str]]:
    return execute(path, "SELECT name, sql FROM sqlite_master ORDER BY name")


def test_head_is_the_newest_migration() -> None:
    assert migrate.__file__
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations"))

    assert scripts.get_current_head() == HEAD
    assert [script.revision for script in scripts.walk_revisions()] == list(REVISIONS[::-1])


def test_new_file_is_brought_to_head(path: Path) -> None:
    prepare_sqlite(path, staging=False)

    assert revision_of(path) == HEAD


@pytest.mark.parametrize("revision", REVISIONS)
def test_migration_that_fails_in_the_middle_leaves_the_file_as_it_was(
    path: Path, revision: str
) -> None:
    path.parent.mkdir()
    if revision != REVISIONS[0]:
        upgrade_sqlite(path, REVISIONS[REVISIONS.index(revision) - 1])
    execute(path, IN_THE_WAY[revision])
    before = schema(path)
    with pytest.raises(WrongDatabase, match="cannot be migrated: OperationalError"):
        upgrade_sqlite(path, revision)

    assert schema(path) == before


@pytest.mark.parametrize("staging", [False, True])
def test_preparing_again_changes_nothing(path: Path, *, staging: bool) -> None:
    prepare_sqlite(path, staging=staging)
    add_a_patient(path)
    before = schema(path)
    prepare_sqlite(path, staging=staging)

    assert schema(path) == before
    assert execute(path, "SELECT patient_id FROM junction_users") == [("anna",)]


def test_of_those_who_prepare_one_file_at_once_one_migrates_and_the_others_wait(
    path: Path,
) -> None:
    with ThreadPoolExecutor(4) as threads:
        attempts = [threads.submit(prepare_sqlite, path, staging=True) for _ in range(4)]

    assert [attempt.exception() for attempt in attempts] == [None] * 4
    assert revision_of(path) == HEAD


def test_migration_that_fails_is_told_to_the_operator(path: Path) -> None:
    path.parent.mkdir()
    upgrade_sqlite(path, "0001")
    execute(path, "ALTER TABLE connection_events RENAME TO elsewhere")

    with pytest.raises(WrongDatabase, match="cannot be migrated: NoSuchTableError"):
        prepare_sqlite(path, staging=False)


def test_file_without_a_revision_has_none(path: Path) -> None:
    path.parent.mkdir()
    path.touch()

    assert revision_of(path) is None


def test_file_is_its_owners_only(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True)
    path.touch(mode=0o644)  # left there by somebody less careful
    prepare_sqlite(path, staging=False)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_files_that_grow_beside_it_are_its_owners_only(path: Path) -> None:
    prepare_sqlite(path, staging=False)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO database_marks VALUES ('any')")
        connection.commit()
        modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}

    assert modes == dict.fromkeys((path.name, f"{path.name}-wal", f"{path.name}-shm"), 0o600)


def test_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("Dear SQLite, this is not a database. " * 100)
    before = path.read_bytes()
    with pytest.raises(WrongDatabase, match="cannot be opened"):
        prepare_sqlite(path, staging=False)

    assert path.read_bytes() == before


def test_staging_refuses_patients_data_and_leaves_no_mark(path: Path) -> None:
    prepare_sqlite(path, staging=False)
    add_a_patient(path)
    with pytest.raises(WrongDatabase, match="not staging's"):
        prepare_sqlite(path, staging=True)

    prepare_sqlite(path, staging=False)  # still fit for its own use


def test_production_refuses_stagings_file(path: Path) -> None:
    prepare_sqlite(path, staging=True)
    with pytest.raises(WrongDatabase, match="made by staging"):
        prepare_sqlite(path, staging=False)


def test_staging_takes_an_empty_file_for_its_own(path: Path) -> None:
    prepare_sqlite(path, staging=False)
    prepare_sqlite(path, staging=True)

    with pytest.raises(WrongDatabase):
        prepare_sqlite(path, staging=False)


def test_staging_reopens_its_own(path: Path) -> None:
    prepare_sqlite(path, staging=True)
    add_a_patient(path)
    prepare_sqlite(path, staging=True)

    assert execute(path, "SELECT mark FROM database_marks") == [("staging",)]


def test_another_programs_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE payroll (name)")
        connection.commit()
    path.chmod(0o644)
    before = path.read_bytes()

    for staging in (True, False):
        with pytest.raises(WrongDatabase, match="another program"):
            prepare_sqlite(path, staging=staging)
    assert path.read_bytes() == before
    assert path.stat().st_mode & 0o777 == 0o644


def test_database_of_a_newer_version_is_refused(path: Path) -> None:
    prepare_sqlite(path, staging=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()

    with pytest.raises(WrongDatabase, match="newer version"):
        prepare_sqlite(path, staging=True)


def test_older_database_keeps_what_it_holds(path: Path) -> None:
    path.parent.mkdir()
    upgrade_sqlite(path, "0001")
    execute(path, "INSERT INTO link_tokens VALUES ('d', 'anna', 'user', NULL, 1, 2, 'oura')")
    execute(
        path,
        "INSERT INTO connection_events "
        "VALUES ('e', 1, 'anna', 'c', 'oura', 'exchange', 'connected', NULL, 'r')",
    )

    prepare_sqlite(path, staging=False)

    assert revision_of(path) == HEAD
    [token] = execute(path, "SELECT * FROM link_tokens")
    assert rows.entry_of(token).minted_here
    assert execute(path, "SELECT * FROM connection_events") == [
        ("e", 1, "anna", "c", "oura", "exchange", "connected", None, "r")
    ]
