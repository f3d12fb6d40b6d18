"""Bring a database to the schema of this version, and keep staging and patients apart.

Alembic is imported here only, and only when there is something to migrate: most starts have
nothing to, and need not wait for it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

HEAD: Final = "0001"
"""The revision this version of the service works with."""


class WrongDatabase(Exception):
    """The database is not for this use; the message says why, in words for an operator."""


def prepare_sqlite(path: Path, *, staging: bool) -> None:
    """Create or upgrade the file, and see that it is for this use.

    The file is made readable by its owner only: it is about patients.

    Raises:
        WrongDatabase: it cannot be opened, or staging was pointed at data that are not its own,
            or the other way round.

    """
    try:
        _prepare(path, staging=staging)
    except (OSError, sqlite3.Error) as error:
        raise WrongDatabase(f"{path} cannot be opened: {error}") from error


def _prepare(path: Path, *, staging: bool) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    if revision_of(path) != HEAD:
        _upgrade(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        marked = _any(connection, "SELECT 1 FROM database_marks WHERE mark = 'staging'")
        if marked and not staging:
            raise WrongDatabase(f"{path} was made by staging and holds its well-known tokens")
        if staging and not marked:
            if _any(connection, "SELECT 1 FROM junction_users LIMIT 1"):
                raise WrongDatabase(f"{path} holds data that are not staging's")
            connection.execute("INSERT INTO database_marks VALUES ('staging')")


def revision_of(path: Path) -> str | None:
    """The revision a file is at, None for a new one."""
    with closing(sqlite3.connect(path)) as connection:
        if not _any(connection, "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
            return None
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _any(connection: sqlite3.Connection, question: str) -> bool:
    return connection.execute(question).fetchone() is not None


def _upgrade(path: Path) -> None:
    from alembic import command  # noqa: PLC0415  (see above)
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import URL, create_engine  # noqa: PLC0415

    config = Config()
    scripts = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
