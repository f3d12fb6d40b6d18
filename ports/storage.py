"""What keeps the records, as a thing that is opened, asked how it is, and closed."""

from types import TracebackType
from typing import Protocol, Self


class Storage(Protocol):
    """Opened before the repositories over it are used; closed when all they accepted is stored."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def check(self) -> None:
        """Nothing, if records can be read at once and somebody takes the writes, and is not stuck.

        A write may fail all the same: only a write can tell.

        Raises:
            StorageUnavailable: they cannot within 200 ms, or nobody does.
            StorageOutdated: they are kept in the way of an older version; a newer one's, or one
                that this version has not heard of, is no reason.

        """
        ...
