"""No statement of a request looks through a whole table."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.persistence import tables
from adapters.persistence.dialects import SQLITE
from adapters.persistence.sqlite_schema import prepare_sqlite
from adapters.persistence.statements import Change, Statements

STATEMENTS = {
    name: statement.text if isinstance(statement, Change) else statement
    for name, statement in vars(Statements(SQLITE)).items()
    if isinstance(statement, str | Change)
}


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    prepare_sqlite(tmp_path / "plans.db", staging=False)
    with closing(sqlite3.connect(tmp_path / "plans.db")) as connection:
        yield connection


@pytest.mark.parametrize("name", STATEMENTS)
def test_rows_are_found_by_an_index(connection: sqlite3.Connection, name: str) -> None:
    statement = STATEMENTS[name]
    parameters = ["[]"] * statement.count("?")

    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)

    details = [detail for *_, detail in plan]
    assert details or name.startswith("insert_")
    for table in tables.TABLES:
        assert not any(detail.startswith(f"SCAN {table.name}") for detail in details), details
    if name in {
        "list_events",
        "list_stale",
    }:  # connections are sorted, but a patient has a handful
        assert not any("TEMP B-TREE" in detail for detail in details), details
