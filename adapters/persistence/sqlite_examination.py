"""An SQLite file, looked at without a trace: it is opened for nobody but a reader.

A reader of a file in WAL mode makes two files beside it, if they are not there. Where they are
not, nobody has the file open, and it is all there is: SQLite may take it for immutable (SQLite
docs, wal.html, "Read-Only Databases").
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from adapters.persistence.migrate import (
    FIND_MARK,
    FIND_PATIENT,
    FIND_REVISION,
    HEAD,
    Contents,
    WrongDatabase,
    examine,
)
from adapters.persistence.sqlite_connection import PRAGMAS
from domain.errors import StorageUnavailable
from ports.examination import SqliteFacts

_PATIENCE: Final = 2.0  # seconds, for another process that writes

# The journal mode is written into the file (SQLite docs, fileformat2.html, 1.3.3).
_VERSION_AT: Final = 18
_WAL: Final = 2

_OF_THE_FILE: Final = "PRAGMA journal_mode"


class SqliteExaminer:
    def __init__(self, path: Path, *, staging: bool) -> None:
        self._path = path
        self._staging = staging

    async def examine(self) -> SqliteFacts:
        return await asyncio.to_thread(self._examine)

    def _examine(self) -> SqliteFacts:
        try:
            is_wal = _is_wal(self._path)
            with _opened(self._path, is_wal=is_wal) as connection:
                contents = _contents(connection)
                return SqliteFacts(
                    objection=self._objection_to(contents),
                    revision=None if contents is None else contents.revision,
                    head=HEAD,
                    is_wal=is_wal,
                    synchronous=_synchronous(connection),
                )
        except (OSError, sqlite3.Error) as error:
            raise StorageUnavailable from error

    def _objection_to(self, contents: Contents | None) -> str | None:
        if contents is None:
            return None
        try:
            examine(contents, name=str(self._path), staging=self._staging)
        except WrongDatabase as objection:
            return str(objection)
        return None


@contextmanager
def _opened(path: Path, *, is_wal: bool) -> Iterator[sqlite3.Connection]:
    how = "mode=ro"
    if is_wal:
        beside = path.with_name(f"{path.name}-wal")
        how = "mode=ro&readonly_shm=1" if beside.exists() else "immutable=1"
    address = f"{path.absolute().as_uri()}?{how}"
    with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as connection:
        yield connection


def _is_wal(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(_VERSION_AT + 1)
    return len(header) > _VERSION_AT and header[_VERSION_AT] == _WAL


def _synchronous(connection: sqlite3.Connection) -> int:
    """Of a connection that is opened as the service opens its own, but for what is the file's."""
    for pragma in PRAGMAS:
        if not pragma.startswith(_OF_THE_FILE):
            connection.execute(pragma)
    [value] = connection.execute("PRAGMA synchronous").fetchone()
    return int(value)


def _contents(connection: sqlite3.Connection) -> Contents | None:
    """None where there are none."""
    tables = {name for [name] in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        return None
    [revision] = _first(connection, FIND_REVISION, "alembic_version", tables) or (None,)
    return Contents(
        revision=revision,
        marked=_first(connection, FIND_MARK, "database_marks", tables) is not None,
        has_patients=_first(connection, FIND_PATIENT, "junction_users", tables) is not None,
    )


def _first(
    connection: sqlite3.Connection, question: str, table: str, tables: set[str]
) -> tuple[str, ...] | None:
    if table not in tables:
        return None
    row: tuple[str, ...] | None = connection.execute(question).fetchone()
    return row
