"""All that a database holds, whatever is in it, and how two such states differ."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

Rows = dict[tuple[str, int], tuple[Any, ...]]
"""By table and row id."""


def rows_in(path: Path) -> Rows:
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {
            (table, row[0]): row
            for (table,) in tables
            for row in database.execute(f"SELECT rowid, * FROM {table}")  # noqa: S608
        }


def difference(before: Rows, after: Rows) -> str:
    """In words: how many rows of which table are new, changed and gone."""
    both = before.keys() & after.keys()
    changes = [
        *_counted("new in", after.keys() - both),
        *_counted("changed in", {key for key in both if before[key] != after[key]}),
        *_counted("gone from", before.keys() - both),
    ]
    return ", ".join(changes) or "nothing"


def _counted(verb: str, keys: set[tuple[str, int]]) -> list[str]:
    tables = [table for table, _ in keys]
    return [f"{tables.count(table)} {verb} {table}" for table in sorted(set(tables))]
