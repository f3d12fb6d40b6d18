"""What the storage needs of a database; see `sqlite.py` and `postgresql.py`."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import msgspec

from adapters.persistence.statements import Statements

T = TypeVar("T")

Rows = Sequence[Sequence[Any]]

_encoder: Final = msgspec.json.Encoder()


class DataError(Exception):
    """The database cannot take the data of a write."""


def as_json(values: Collection[object]) -> str:
    """Many values as one parameter.

    Raises:
        DataError: a text among them is none.

    """
    try:
        return _encoder.encode(values).decode()
    except UnicodeEncodeError as error:
        raise DataError from error


class Transaction(Protocol):
    """One under way: what is done in it is stored whole, or not at all."""

    async def fetch(self, statement: str, *parameters: str) -> Rows:
        """The rows of a statement; none of one that changes rows.

        Raises:
            DataError: the database cannot take the parameters.
            StorageUnavailable: the statement failed in any other way.

        """
        ...

    async def store(self, statement: str, rows: Rows) -> None:
        """Give `rows`, at least one, to a statement that stores such.

        Raises:
            DataError: the database cannot take them.
            StorageUnavailable: the statement failed in any other way.

        """
        ...

    async def now(self) -> datetime:
        """The time of day, as the database's users agree on it.

        Raises:
            StorageUnavailable: the database cannot be asked.

        """
        ...


class Engine(Protocol):
    """A database that is held open. Who gives up waiting for one of its methods stops nothing."""

    @property
    def statements(self) -> Statements: ...

    @property
    def checkpoints_failed(self) -> int:
        """See `StorageFigures.checkpoints_failed`."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def read(self, statement: str, *parameters: str) -> Rows:
        """The rows of a SELECT.

        Raises:
            DataError: the database cannot take the parameters.
            StorageUnavailable: it cannot be read.

        """
        ...

    async def transact(self, unit: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `unit` returns, once all it did is durable. One at a time.

        A unit awaits nothing but its transaction: it may run outside the event loop. It may be
        run again, whole, where the database asks for that.

        Raises:
            DataError: the database cannot take what it wrote; nothing is stored.
            StorageUnavailable: it is not known whether it is stored.

        """
        ...
