"""The schema that migrations lead to, held against its description; and what rows become in it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from adapters.persistence.metadata import metadata
from adapters.persistence.sqlite_schema import prepare_sqlite, upgrade_sqlite
from tests.adapters import older_rows
from tests.adapters.sqlite_files import execute

PARTIAL = (
    "CREATE INDEX link_tokens_unbound_by_age ON link_tokens (expires_at) WHERE bound_to IS NULL"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "connections.db"


def test_migrated_schema_is_the_one_that_statements_are_made_from(path: Path) -> None:
    prepare_sqlite(path, staging=False)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrated_indexes_are_those_that_statements_count_on(path: Path, tmp_path: Path) -> None:
    """To the letter: Alembic's comparison does not see which rows an index leaves out."""
    prepare_sqlite(path, staging=False)
    made = tmp_path / "made.db"
    engine = create_engine(f"sqlite:///{made}")
    metadata.create_all(engine)
    engine.dispose()
    indexes = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> '' ORDER BY 1"

    assert execute(path, indexes) == execute(made, indexes)
    assert ("link_tokens_unbound_by_age", PARTIAL) in execute(path, indexes)


def test_migrated_columns_have_the_defaults_that_they_are_described_with(path: Path) -> None:
    prepare_sqlite(path, staging=False)
    found = {
        (table.name, column[1]): column[4]
        for table in metadata.sorted_tables
        for column in execute(path, f"PRAGMA table_info({table.name})")
    }

    assert {key: default for key, default in found.items() if default is not None} == {
        ("link_tokens", "minted_here"): "'1'",
        ("connections", "status"): "'pending'",
    }


def test_rows_of_before_keep_all_and_are_found_by_a_status(path: Path) -> None:
    upgrade_sqlite(path, "0002")
    with closing(sqlite3.connect(path)) as connection, connection:
        marks = ", ".join("?" * len(older_rows.ROWS[0]))
        connection.executemany(f"INSERT INTO connections VALUES ({marks})", older_rows.ROWS)  # noqa: S608

    prepare_sqlite(path, staging=False)

    after = execute(path, "SELECT * FROM connections ORDER BY id")
    assert [row[:-1] for row in after] == older_rows.ROWS
    assert {row[0]: row[-1] for row in after} == older_rows.STATUS_AFTER
    assert {row[0]: older_rows.status_read(row) for row in after} == older_rows.STATUS_READ
