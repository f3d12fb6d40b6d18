"""A connection to PostgreSQL that is kept, given up when it fails, and then made anew."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any, Final, TypeAlias, TypeVar

import asyncpg
from databases import Database

from adapters.persistence.engine import DataError, Rows
from domain.errors import StorageUnavailable
from domain.secret import Secret

T = TypeVar("T")

Raw: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# Others were there first: the whole unit has to be decided anew (PostgreSQL manual, 13.5). That
# includes a row which was not there when the unit read.
_RACED: Final = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.UniqueViolationError,
)
_OF_THE_DATA: Final = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    ValueError,  # asyncpg cannot encode them
)


# The last is what asyncpg raises of itself where a connection dies between two of its own steps.
OF_THE_CONNECTION: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

_GOODBYE: Final = 1.0  # seconds: `databases` would wait for ever for a server that hangs


class Raced(DataError):
    """Another process was faster; the same again may do."""


class HeldConnection:
    """For one user at a time. `deadline` is how many seconds a use may take, waiting excepted."""

    def __init__(self, url: Secret, *, deadline: float, statement_cache_size: int) -> None:
        self._url = url
        self._deadline = deadline
        self._statement_cache_size = statement_cache_size
        self._turn = asyncio.Lock()
        self._opened = AsyncExitStack()
        self._raw: Raw | None = None

    async def use(self, work: Callable[[Raw], Awaitable[T]]) -> T:
        """What `work` returns. Nothing is known of a connection whose use failed: it is given up.

        Raises:
            DataError: `work` did, and left the connection as it was.
            StorageUnavailable: there is no connection, or `work` failed or took too long.

        """
        async with self._turn:
            try:
                async with asyncio.timeout(self._deadline):
                    return await work(await self._connection())
            except DataError:
                raise
            except TimeoutError as error:
                await self._give_up()
                raise StorageUnavailable from error
            except BaseException:
                await self._give_up()
                raise

    async def close(self) -> None:
        """Take leave of the server, if it answers."""
        async with self._turn:
            if self._raw is not None and not _is_closed(self._raw):
                with suppress(*OF_THE_CONNECTION):
                    await self._raw.close(timeout=_GOODBYE)
            await self._give_up()

    async def _connection(self) -> Raw:
        if self._raw is not None and _is_closed(self._raw):  # the server left
            await self._give_up()
        if self._raw is None:
            self._raw = await self._open()
        return self._raw

    async def _open(self) -> Raw:
        """`databases` reads less of an address than libpq would: the driver reads it itself."""
        database = Database(
            "postgresql:",
            dsn=self._url.reveal(),
            database=None,
            min_size=0,  # else the pool would make one anew behind our back
            max_size=1,
            statement_cache_size=self._statement_cache_size,
        )
        try:
            async with AsyncExitStack() as opening:
                await opening.enter_async_context(database)
                connection = await opening.enter_async_context(database.connection())
                self._opened = opening.pop_all()
        except (ValueError, *OF_THE_CONNECTION) as error:  # ValueError: of the address
            raise StorageUnavailable from error
        raw: Raw = connection.raw_connection
        return raw

    async def _give_up(self) -> None:
        """Without a word to the server, which may not listen."""
        raw, self._raw = self._raw, None
        if raw is not None and not _is_closed(raw):
            raw.terminate()
        await self._opened.aclose()


def _is_closed(raw: Raw) -> bool:
    try:
        return raw.is_closed()
    except asyncpg.InterfaceError:  # the pool has heard of it first, and taken it back
        return True


async def fetch(raw: Raw, statement: str, *parameters: str) -> Rows:
    """See `Transaction.fetch`."""
    found: list[Any] = await _translated(raw.fetch(statement, *parameters))
    return found


async def execute(raw: Raw, statements: str) -> None:
    """Some statements without parameters, in one message."""
    await _translated(raw.execute(statements))


async def _translated(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except _RACED as error:
        raise Raced from error
    except _OF_THE_DATA as error:
        raise DataError from error
    except OF_THE_CONNECTION as error:
        raise StorageUnavailable from error
