"""The tables of a database whose service is dead; all that is known here of a database's kind."""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, Protocol

from tests.crash import aim
from tests.crash.plan import Kill
from tests.crash.wal import caught_at

_PATIENCE: Final = 3.0  # seconds, for a checkpoint to come

CONNECTIONS: Final = "SELECT id, patient_id, provider, junction_user_id FROM connections"
TOKENS: Final = "SELECT digest, patient_id, junction_user_id, bound_to FROM link_tokens"
USERS: Final = "SELECT junction_user_id, patient_id FROM junction_users"
EVENTS: Final = (
    "SELECT connection_id, patient_id, provider FROM connection_events "
    "WHERE provider IS NOT NULL"  # else it is of an attempt that was refused
)


class ConnectionRow(NamedTuple):
    id: str
    patient: str
    provider: str
    junction_user: str


class TokenRow(NamedTuple):
    digest: str
    patient: str
    junction_user: str
    bound_to: str | None


class UserRow(NamedTuple):
    id: str
    patient: str


class EventRow(NamedTuple):
    connection: str
    patient: str
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`defects` are what the database itself has to complain of; `caught`, what it was at."""

    connections: Sequence[ConnectionRow] = ()
    tokens: Sequence[TokenRow] = ()
    users: Sequence[UserRow] = ()
    events: Sequence[EventRow] = ()
    defects: Sequence[str] = ()
    caught: Sequence[str] = ()


class Tables(Protocol):
    """To be read while the service is stopped, without mending what it will have to mend."""

    url: str
    """What the service's DATABASE_URL says."""

    async def are_there(self) -> bool:
        """Whether the database holds anything at all."""
        ...

    async def are_being_made(self) -> bool:
        """Whether the first migration has begun to write."""
        ...

    async def strike(self, pid: int, kill: Kill) -> None:
        """Kill the process as soon as it commits or checkpoints, or after a while anyway."""
        ...

    async def read(self) -> Found:
        """All there is; nothing, where the kill came before the tables."""
        ...

    async def empty(self) -> None:
        """Leave a database as if none had ever been."""
        ...


class SqliteTables:
    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self._path = path
        journals = (path.with_name(path.name + end) for end in ("-journal", "-wal"))
        self._journal, self._wal = journals
        self._index = path.with_name(f"{path.name}-shm")

    async def are_there(self) -> bool:
        return self._path.exists()

    async def are_being_made(self) -> bool:
        return self._journal.exists()

    async def strike(self, pid: int, kill: Kill) -> None:
        what = "commit" if kill is Kill.COMMITTING else "checkpoint"
        order = (str(pid), what, str(self._path), str(_PATIENCE))
        aiming = await asyncio.create_subprocess_exec(sys.executable, "-S", aim.__file__, *order)
        await aiming.wait()

    async def read(self) -> Found:
        """Of a copy, since to open the file is to recover it, and the service shall do that."""
        with TemporaryDirectory() as folder:
            for file in (self._path, self._journal, self._wal):
                if file.exists():
                    shutil.copy(file, folder)
            with closing(sqlite3.connect(Path(folder) / self._path.name)) as connection:
                return self._found(connection)

    async def empty(self) -> None:
        for file in (self._path, self._journal, self._wal, self._index):
            file.unlink(missing_ok=True)

    def _found(self, connection: sqlite3.Connection) -> Found:
        def rows(statement: str) -> list[Any]:
            return connection.execute(statement).fetchall()

        defects = [line for (line,) in rows("PRAGMA integrity_check") if line != "ok"]
        if not rows("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
            return Found(defects=defects)
        return Found(
            connections=[ConnectionRow(*row) for row in rows(CONNECTIONS)],
            tokens=[TokenRow(*row) for row in rows(TOKENS)],
            users=[UserRow(*row) for row in rows(USERS)],
            events=[EventRow(*row) for row in rows(EVENTS)],
            defects=defects,
            caught=caught_at(self._wal, self._index),
        )
