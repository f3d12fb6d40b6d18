"""An upstream that fails most calls is left alone for a while, and its callers told at once.

Written here for what the kept libraries lack: docs/adr/0008.
"""

from types import TracebackType
from typing import Final, Self

import structlog

from adapters.resilience.rolling_count import RollingCount
from ports.clock import Clock
from ports.figures import Circuit

_FEWEST: Final = 20  # attempts in the window: of fewer a share says little
_SHARE: Final = 0.5  # of them that failed
_PAUSE: Final = 5.0  # seconds for which it is left alone
_PROBED: Final = 1.0  # seconds to wait while somebody else finds out

_log: Final = structlog.get_logger()


class CircuitOpen(Exception):
    """The call was not made; in `retry_after` seconds one may be."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Tally:
    """What became of the calls since the circuit was last closed."""

    def __init__(self, clock: Clock) -> None:
        self._attempts = RollingCount(clock)
        self._failures = RollingCount(clock)

    def count(self, *, failed: bool) -> None:
        self._attempts.add()
        if failed:
            self._failures.add()

    @property
    def failures(self) -> int:
        return self._failures.total

    @property
    def is_bad(self) -> bool:
        attempts = self._attempts.total
        return attempts >= _FEWEST and self._failures.total >= _SHARE * attempts


class CircuitBreaker:
    """One for each upstream: closed, open for a pause, then half open to one call at a time."""

    def __init__(self, clock: Clock, *, upstream: str) -> None:
        self._clock = clock
        self._upstream = upstream
        self._tally = Tally(clock)
        self._open_until: float | None = None
        self._probe: Admission | None = None
        self.openings = 0
        self.kept_back = 0

    @property
    def state(self) -> Circuit:
        if self._open_until is None:
            return "closed"
        return "open" if self._open_until > self._clock.monotonic() else "half_open"

    def admit(self) -> "Admission":
        """Leave for one call.

        Raises:
            CircuitOpen: it is not to be made.

        """
        if self._open_until is None:
            return Admission(self, self._tally)
        left = self._open_until - self._clock.monotonic()
        if left > 0 or self._probe is not None:
            self.kept_back += 1
            raise CircuitOpen(left if left > 0 else _PROBED)
        self._probe = Admission(self, self._tally)
        return self._probe

    def learn(self, admission: "Admission", *, failed: bool) -> None:
        """What became of an admitted call."""
        if admission is self._probe:
            self._conclude(failed=failed)
        elif self._open_until is None and admission.tally is self._tally:
            self._count(failed=failed)
        # Else the call is of before the circuit was opened, and says nothing of now.

    def withdraw(self, admission: "Admission") -> None:
        """The call was given up, whatever it would have shown."""
        if admission is self._probe:
            self._probe = None

    def _count(self, *, failed: bool) -> None:
        self._tally.count(failed=failed)
        if failed and self._tally.is_bad:
            _log.error(f"{self._upstream}_circuit_opened", count=self._tally.failures)
            self._open()

    def _conclude(self, *, failed: bool) -> None:
        if failed:
            self._open()
            return
        _log.info(f"{self._upstream}_circuit_closed")
        self._open_until = None
        self._tally = Tally(self._clock)

    def _open(self) -> None:
        self.openings += 1
        self._open_until = self._clock.monotonic() + _PAUSE


class Admission:
    """Leave for one call. One that ends without a report was given up, and does not count."""

    __slots__ = ("_breaker", "tally")

    def __init__(self, breaker: CircuitBreaker, tally: Tally) -> None:
        self._breaker = breaker
        self.tally = tally

    def report(self, *, failed: bool) -> None:
        self._breaker.learn(self, failed=failed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._breaker.withdraw(self)
