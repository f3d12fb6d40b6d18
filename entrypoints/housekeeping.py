"""What the service does by itself, beside requests: sweep, and reconcile where it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from random import random
from typing import Final

import structlog

from domain.drift import Doubt, Drift
from domain.reconciling import Plan, ReconcilingService
from domain.retention import Sweep
from entrypoints.reconciliation import STALE, STEADY, Ending, Reconciliation
from ports.retention import Retention

_SWEEP_EVERY: Final = 60.0  # seconds
_FEW: Final = 500  # rows at once, so that no request waits long behind them
_BREATH: Final = 1.0  # seconds for the others, while there are more

Sleep = Callable[[float], Awaitable[None]]

_log: Final = structlog.get_logger()


@asynccontextmanager
async def housekeeping(
    retention: Retention,
    reconciling: ReconcilingService,
    *,
    reconcile_every: float | None,
    sleep: Sleep = asyncio.sleep,
) -> AsyncIterator[None]:
    """While it is open, rows that are past their time are swept, and stale ones looked at."""
    chores = [_repeat(partial(_sweep, retention, sleep), _SWEEP_EVERY, sleep)]
    if reconcile_every is not None:
        chores.append(_repeat(partial(_reconcile, reconciling, Doubt()), reconcile_every, sleep))
    under_way = [asyncio.create_task(chore) for chore in chores]
    try:
        yield
    finally:
        for chore in under_way:
            chore.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _repeat(chore: Callable[[], Awaitable[None]], every: float, sleep: Sleep) -> None:
    """Replicas that were started together begin at different times: the first finds most of it."""
    await sleep(every * random())  # noqa: S311  (it is no secret)
    while True:
        try:
            await chore()
        except Exception as error:  # noqa: BLE001  (the next time may go better)
            _log.error("housekeeping_failed", exc_info=error)
        await sleep(every)


async def _sweep(retention: Retention, sleep: Sleep) -> None:
    removed = 0
    while some := await retention.sweep(Sweep(limit=_FEW)):
        removed += some
        await sleep(_BREATH)
    if removed:
        _log.info("swept", count=removed)


async def _reconcile(reconciling: ReconcilingService, doubt: Doubt) -> None:
    """The doubt is kept from run to run: what is stale between two is little."""
    run = Reconciliation(
        service=reconciling,
        plan=Plan(older_than=STALE, rate=STEADY),
        drift=Drift(doubt=doubt),
    )
    async for _ in run.run():
        pass
    write = _log.info if run.ending is Ending.DONE else _log.error
    write(
        "reconciled",
        ending=run.ending.value,
        users=run.drift.users,
        unanswered=run.drift.unanswered,
        changed=run.drift.changed + run.drift.opened,
        milliseconds=round(run.seconds * 1000, 3),
    )
