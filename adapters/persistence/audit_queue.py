"""Refusals on their way to storage: nobody waits for them, and no failure of theirs is felt."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Self

import structlog

from domain.errors import StorageUnavailable
from domain.history import Cause, Refusal
from domain.identifiers import Caller, ConnectionId
from ports.clock import Clock

_MOST: Final = 10_000  # that may wait, a few MB
_AT_ONCE: Final = 64  # so that an exchange never stands behind more than these
_PAUSE: Final = 1.0  # seconds, before storage that failed is tried again

_log: Final = structlog.get_logger()


class QueuedAuditTrail:
    """Open it as a context, inside that of the storage which `write` writes to."""

    def __init__(
        self,
        write: Callable[[Refusal], Awaitable[None]],
        *,
        clock: Clock,
        most: int = _MOST,
        pause: float = _PAUSE,
    ) -> None:
        self._write = write
        self._clock = clock
        self._most = most
        self._pause = pause
        self._waiting: deque[Refusal] = deque()
        self._arrived = asyncio.Event()
        self._closing = asyncio.Event()
        self._lost = 0

    async def __aenter__(self) -> Self:
        self._writing = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        self._arrived.set()
        await self._writing

    def refused(
        self, caller: Caller, cause: Cause, outcome: str, connection_id: ConnectionId | None
    ) -> None:
        if len(self._waiting) >= self._most:
            self._lost += 1
            return
        self._waiting.append(
            Refusal(
                patient_id=caller.patient_id,
                connection_id=connection_id,
                cause=cause,
                outcome=outcome,
                asked=self._clock.monotonic(),
                request_id=caller.request_id,
            )
        )
        self._arrived.set()

    async def _run(self) -> None:
        closing = False
        while not closing:
            await self._arrived.wait()
            self._arrived.clear()
            closing = self._closing.is_set()
            await self._write_all()
        self._lost += len(self._waiting)
        self._report_lost()

    async def _write_all(self) -> None:
        """Write what waits. Storage that is down is tried again until it is up, or we close."""
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
            failed = await self._write_together(batch)
            self._waiting.extendleft(reversed(failed))
            if failed and self._closing.is_set():
                return
            if failed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), self._pause)
            self._report_lost()

    async def _write_together(self, batch: list[Refusal]) -> list[Refusal]:
        """Those that storage could not take, in order."""
        outcomes = await asyncio.gather(*map(self._write, batch), return_exceptions=True)
        failed = []
        for refusal, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, StorageUnavailable):
                failed.append(refusal)
            elif outcome is not None:
                self._lost += 1
                _log.error("refusal_unwritable", exc_info=outcome)
        return failed

    def _report_lost(self) -> None:
        if self._lost:
            _log.error("refusals_lost", count=self._lost)
            self._lost = 0
