"""A small database for a candidate to work on, and what it made of it."""

import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

import asyncpg

Ask = Callable[[str], Awaitable[list[Any]]]

PATIENTS: Final = 40
_HERE: Final = Path(__file__).parent
_HOUR: Final = 3_600_000_000


def user_id_of(patient: int) -> str:
    return f"9d3a7a52-35ab-5c0e-8f0e-{patient:012}"


def token_rows(digest: Callable[[str], str]) -> list[tuple[Any, ...]]:
    """A token for each patient, of any provider; the last patient's has expired."""
    now = time.time_ns() // 1000
    ends = [now + _HOUR] * (PATIENTS - 1) + [now - 1]
    return [
        (digest(f"token-{n}"), f"patient-{n}", user_id_of(n), None, now - _HOUR, end, None)
        for n, end in enumerate(ends)
    ]


@asynccontextmanager
async def sqlite_file(path: Path, rows: list[tuple[Any, ...]]) -> AsyncIterator[Ask]:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript((_HERE / "schema.sql").read_text())
        database.executemany("INSERT INTO link_tokens VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    async def ask(statement: str) -> list[Any]:
        with closing(sqlite3.connect(path)) as database:
            return database.execute(statement).fetchall()

    yield ask


@asynccontextmanager
async def postgresql(url: str, rows: list[tuple[Any, ...]]) -> AsyncIterator[Ask]:
    """An empty database, and empty again afterwards; one that holds such tables is refused."""
    database = await asyncpg.connect(url)
    await database.execute((_HERE / "schema_postgresql.sql").read_text())

    async def ask(statement: str) -> list[Any]:
        return [tuple(row) for row in await database.fetch(statement)]

    try:
        insert = "INSERT INTO link_tokens VALUES ($1, $2, $3, $4, $5, $6, $7)"
        await database.executemany(insert, rows)
        yield ask
    finally:
        await database.execute("DROP TABLE link_tokens, connections, connection_events")
        await database.close()
