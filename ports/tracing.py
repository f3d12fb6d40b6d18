"""The trace that a request belongs to, carried beside the call as W3C Trace Context has it."""

from contextvars import ContextVar
from typing import Final, NamedTuple, Self


class Trace(NamedTuple):
    """`id` is 32 hexadecimal digits, `flags` two: whether it is recorded (3.2.2.5).

    `parent` and `span` are 16: whose work we do, and that work of ours which is under way. None
    where nobody said, and where our own work has no names.
    """

    id: str
    flags: str
    parent: str | None = None
    span: str | None = None

    @classmethod
    def of(cls, id_: int, span: int, flags: int) -> Self:
        """That of a span that is under way, whose names are numbers."""
        return cls(f"{id_:032x}", f"{flags:02x}", span=f"{span:016x}")


TRACE: Final[ContextVar[Trace | None]] = ContextVar("TRACE", default=None)
"""None where no request is being served. Why it is ambient: docs/adr/0005."""
