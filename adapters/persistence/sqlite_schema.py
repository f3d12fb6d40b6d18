"""An SQLite file, brought to the schema of this version when it is needed."""

import sqlite3
from contextlib import closing
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
    upgrade,
)

_PATIENCE: Final = 60  # seconds for another process that migrates the same file


def prepare_sqlite(path: Path, *, staging: bool) -> None:
    """Create or upgrade the file, and see first that it is for this use.

    The file is made readable by its owner only: it is about patients. Of processes that do this
    at once one migrates and the others wait.

    Raises:
        WrongDatabase: it cannot be opened, or `examine` objects. It is left as it was.

    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and not _is_empty(path):
            examine(_contents(path), name=str(path), staging=staging)
        path.touch(mode=0o600)
        path.chmod(0o600)
        if revision_of(path) != HEAD:
            upgrade_sqlite(path)
        if staging:
            _mark(path)
    except (OSError, sqlite3.Error) as error:
        raise WrongDatabase(f"{path} cannot be opened: {error}") from error


def revision_of(path: Path) -> str | None:
    """The revision a file is at; None if no version of this service has made it."""
    if not _any(path, "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
        return None
    [revision] = _first(path, FIND_REVISION) or (None,)
    return revision


def upgrade_sqlite(path: Path, revision: str = HEAD) -> None:
    """Run the migrations that lead to `revision`, all or none.

    Raises:
        WrongDatabase: they cannot be run.

    """
    from sqlalchemy import URL, Connection, create_engine, event, exc  # noqa: PLC0415  (for Alembic)

    # Python's sqlite3 begins no transaction before a CREATE TABLE: a process killed between two
    # would leave a file that no version can open. So it is told to begin none, and we do
    # (SQLAlchemy docs, SQLite, "Serializable isolation / Savepoints / Transactional DDL").
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"isolation_level": None, "timeout": _PATIENCE},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            upgrade(connection, revision)
    except exc.SQLAlchemyError as error:
        raise WrongDatabase(f"{path} cannot be migrated: {type(error).__name__}") from error
    finally:
        engine.dispose()


def _contents(path: Path) -> Contents:
    revision = revision_of(path)
    made_here = revision is not None
    return Contents(
        revision=revision,
        marked=made_here and _any(path, FIND_MARK),
        has_patients=made_here and _any(path, FIND_PATIENT),
    )


def _mark(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT OR IGNORE INTO database_marks VALUES ('staging')")


def _is_empty(path: Path) -> bool:
    return not _any(path, "SELECT 1 FROM sqlite_master")


def _any(path: Path, question: str) -> bool:
    return _first(path, question) is not None


def _first(path: Path, question: str) -> tuple[str, ...] | None:
    with closing(sqlite3.connect(path)) as connection:
        row: tuple[str, ...] | None = connection.execute(question).fetchone()
        return row
