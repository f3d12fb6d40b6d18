"""What there is to know of a database before it is used, found out by reading alone."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteFacts:
    """`objection`: why the service would refuse the file, in words for an operator.

    `revision` is None where nothing is in it, `head` what this version works with. `synchronous`
    is what it is on a connection that is opened as the service opens its own: 2 is FULL.
    """

    objection: str | None
    revision: str | None
    head: str
    is_wal: bool
    synchronous: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlFacts:
    """`objection`, `revision` and `head` as of SQLite; `version` is the major one.

    `is_read_only`: a standby, or a server that was told so.
    `careless`: what is switched off that a commit needs to survive a power cut; `missing`: what
    our role would have to be granted.
    """

    objection: str | None
    revision: str | None
    head: str
    version: int
    is_read_only: bool
    careless: tuple[str, ...]
    missing: tuple[str, ...]


class Examiner(Protocol):
    """Looks at the database that the settings name, and leaves it as it was."""

    async def examine(self) -> SqliteFacts | PostgresqlFacts:
        """What is found; no file is made, and nothing in it changes.

        Raises:
            StorageUnavailable: it cannot be read; why is its cause.

        """
        ...
