"""Where refused attempts are handed in."""

from types import TracebackType
from typing import Protocol, Self

from domain.history import Cause
from domain.identifiers import Caller, ConnectionId


class AuditTrail(Protocol):
    """A queue into the history that changes go to as well; see `ConnectionEvent`.

    Opened before it is used; closed when all that waits is written, or cannot be.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def refused(
        self, caller: Caller, cause: Cause, outcome: str, connection_id: ConnectionId | None
    ) -> None:
        """Write down, soon, that the caller was refused with the error code `outcome`.

        The caller does not wait and never hears of a failure. While storage is down the refusal
        waits in memory, and may in the end be written twice; what cannot wait or be written is
        counted in the log.
        """
        ...
