"""Which schema this version of the service works with, and what a database must not hold.

Alembic is imported here only, and only when there is something to migrate: most starts have
nothing to, and need not wait for it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS: Final = ("0001", "0002", "0003", "0004")
HEAD: Final = REVISIONS[-1]
"""The revision this version of the service works with; `REVISIONS` are all it can upgrade."""

FIND_REVISION: Final = "SELECT version_num FROM alembic_version"
FIND_MARK: Final = "SELECT 1 FROM database_marks WHERE mark = 'staging'"
FIND_PATIENT: Final = "SELECT 1 FROM junction_users LIMIT 1"


class WrongDatabase(Exception):
    """The database is not for this use; the message says why, in words for an operator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What is in a database that is not empty.

    `revision` is None where no version of this service has made it; `marked` is staging's mark.
    """

    revision: str | None
    marked: bool
    has_patients: bool


def examine(contents: Contents, *, name: str, staging: bool) -> None:
    """See that the database is for this use.

    Raises:
        WrongDatabase: it is another program's, was made by a newer version, or staging was
            pointed at data that are not its own, or the other way round.

    """
    if contents.revision is None:
        raise WrongDatabase(f"{name} is another program's database")
    if contents.revision not in REVISIONS:
        raise WrongDatabase(f"{name} was made by a newer version of this service")
    if contents.marked and not staging:
        raise WrongDatabase(f"{name} was made by staging and holds its well-known tokens")
    if staging and not contents.marked and contents.has_patients:
        raise WrongDatabase(f"{name} holds data that are not staging's")


def upgrade(connection: "Connection", revision: str = HEAD) -> None:
    """Run the migrations that lead to `revision`, in the transaction that `connection` is in."""
    from alembic import command  # noqa: PLC0415  (see above)
    from alembic.config import Config  # noqa: PLC0415  (see above)

    config = Config()
    scripts = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", scripts.replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
