"""What webhooks told us of, what came of it, and how late they told us."""

from asyncio import CancelledError
from collections import Counter
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from starlette.requests import ClientDisconnect

from domain.errors import LinkingError
from domain.junction_event import JunctionEvent
from entrypoints.http.failures import InternalError
from ports.figures import Distribution

_MINUTE: Final = 60.0
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR

# Seconds: the sender tries for 28 hours, and a message may be recovered days later.
_BOUNDS: Final = (
    *(1.0, 5.0, 15.0, _MINUTE, 5 * _MINUTE, 15 * _MINUTE),
    *(_HOUR, 6 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY),
)


class WebhookFigures:
    """Kinds are `JunctionEvent.kind`, or `unread`; endings are ours, or the code of an error."""

    def __init__(self) -> None:
        self.ended: Counter[tuple[str, str]] = Counter()
        self.lag = Distribution(*_BOUNDS)

    def hearing(self, now: datetime) -> "Hearing":
        return Hearing(self, now)


class Hearing:
    """One webhook, from its first byte to its answer; to be told what is known of it meanwhile."""

    __slots__ = ("_figures", "_now", "event", "matched")

    def __init__(self, figures: WebhookFigures, now: datetime) -> None:
        self._figures = figures
        self._now = now
        self.event: JunctionEvent | None = None
        self.matched = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        event = self.event
        self._figures.ended[event.kind if event else "unread", self._ending(error)] += 1
        if event and event.data_at and error is None:
            # Another computer's clock: what comes from the future came at once.
            self._figures.lag.add(max(0.0, (self._now - event.data_at).total_seconds()))

    def _ending(self, error: BaseException | None) -> str:
        if error is None:
            return "matched" if self.matched else "unmatched"
        if isinstance(error, LinkingError):
            return error.code
        has_left = isinstance(error, CancelledError | ClientDisconnect)
        return "cut_off" if has_left else InternalError.code
