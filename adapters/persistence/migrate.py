"""Bring a database to the schema of this version, and keep staging and patients apart.

Alembic is imported here only, and only when there is something to migrate: most starts have
nothing to, and need not wait for it.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

REVISIONS: Final = ("0001", "0002")
HEAD: Final = REVISIONS[-1]
"""The revision this version of the service works with; `REVISIONS` are all it can upgrade."""


class WrongDatabase(Exception):
    """The database is not for this use; the message says why, in words for an operator."""


def prepare_sqlite(path: Path, *, staging: bool) -> None:
    """Create or upgrade the file, and see first that it is for this use.

    The file is made readable by its owner only: it is about patients.

    Raises:
        WrongDatabase: it cannot be opened, is not this service's, was made by a newer version,
            or staging was pointed at data that are not its own, or the other way round. It is
            left as it was.

    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _examine(path, staging=staging)
        path.touch(mode=0o600)
        path.chmod(0o600)
        if revision_of(path) != HEAD:
            upgrade(path)
        if staging:
            _mark(path)
    except (OSError, sqlite3.Error) as error:
        raise WrongDatabase(f"{path} cannot be opened: {error}") from error


def _examine(path: Path, *, staging: bool) -> None:
    if not path.exists() or _is_empty(path):
        return
    revision = revision_of(path)
    if revision is None:
        raise WrongDatabase(f"{path} is another program's database")
    if revision not in REVISIONS:
        raise WrongDatabase(f"{path} was made by a newer version of this service")
    marked = _any(path, "SELECT 1 FROM database_marks WHERE mark = 'staging'")
    if marked and not staging:
        raise WrongDatabase(f"{path} was made by staging and holds its well-known tokens")
    if staging and not marked and _any(path, "SELECT 1 FROM junction_users"):
        raise WrongDatabase(f"{path} holds data that are not staging's")


def _mark(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT OR IGNORE INTO database_marks VALUES ('staging')")


def revision_of(path: Path) -> str | None:
    """The revision a file is at; None if no version of this service has made it."""
    if not _any(path, "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
        return None
    [revision] = _first(path, "SELECT version_num FROM alembic_version") or (None,)
    return revision


def _is_empty(path: Path) -> bool:
    return not _any(path, "SELECT 1 FROM sqlite_master")


def _any(path: Path, question: str) -> bool:
    return _first(path, question) is not None


def _first(path: Path, question: str) -> tuple[str, ...] | None:
    with closing(sqlite3.connect(path)) as connection:
        row: tuple[str, ...] | None = connection.execute(question).fetchone()
        return row


def upgrade(path: Path, revision: str = HEAD) -> None:
    """Run the migrations that lead to `revision`."""
    from alembic import command  # noqa: PLC0415  (see above)
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import URL, create_engine  # noqa: PLC0415

    config = Config()
    scripts = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    engine = create_engine(URL.create("sqlite", database=str(path)))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()
