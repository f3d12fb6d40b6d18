"""`wearable-link reconcile`: ask Junction about connections that nobody has spoken of for long.

What is recorded is stale no more, so a run that was interrupted goes on where it stopped when it
is started again.
"""

import argparse
import asyncio
import re
import sys
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from domain.reconciling import Plan
from entrypoints.commands.startup import opened, wired
from entrypoints.reconciliation import STALE, STEADY, Ending, Reconciliation
from entrypoints.signals import leaving_when_told, stopping_when_told

if TYPE_CHECKING:
    from entrypoints.container import Container

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_AGE: Final = re.compile(r"([0-9]{1,5})([smhd])")  # of days, more would be before any calendar
_FASTEST: Final = 10_000.0

_INTERRUPTED: Final = 4
_UNANSWERED: Final = 6
_EXIT_CODES: Final = {
    Ending.DONE: 0,
    Ending.INTERRUPTED: _INTERRUPTED,
    Ending.TOO_MANY_LOST: 5,
    Ending.JUNCTION_SILENT: _UNANSWERED,
    Ending.JUNCTION_REJECTED_CREDENTIALS: _UNANSWERED,
    Ending.STORAGE_UNAVAILABLE: 7,
}


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    reconcile = commands.add_parser(
        "reconcile",
        help="ask Junction about connections not heard of for long",
        description=__doc__,
        epilog="Exit codes: 0 done; 2 wrong usage, settings or database; 4 interrupted; "
        "5 stopped, as more than a fifth of at least 50 links are gone, which is how the key of "
        "another team looks: see it with --dry-run, then say --yes; 6 Junction did not answer "
        "for all; 7 the database failed.",
    )
    reconcile.add_argument("--dry-run", action="store_true", help="ask, but record nothing")
    reconcile.add_argument(
        "--older-than", default=STALE, type=_age, metavar="AGE", help="30m, 6h or 2d (6h)"
    )
    reconcile.add_argument(
        "--rate", default=STEADY, type=_rate, help="requests a second at most (%(default)s)"
    )
    reconcile.add_argument("--yes", action="store_true", help="however many links are gone")
    reconcile.add_argument("--json", action="store_true", help="the report as one JSON object")
    reconcile.add_argument("--staging", action="store_true", help="of staging")
    reconcile.set_defaults(run=_reconcile)


def _age(text: str) -> timedelta:
    parts = _AGE.fullmatch(text)
    if parts is None:
        raise argparse.ArgumentTypeError("expected up to five digits, and s, m, h or d")
    return timedelta(**{_UNITS[parts[2]]: int(parts[1])})


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate <= _FASTEST:
        raise argparse.ArgumentTypeError("expected more than 0, and 10000 at most")
    return rate


@leaving_when_told(_INTERRUPTED)
def _reconcile(options: argparse.Namespace) -> None:
    from entrypoints.commands.reconcile_report import as_json, as_table

    plan = Plan(
        older_than=options.older_than,
        rate=options.rate,
        dry_run=options.dry_run,
        accept_losses=options.yes,
    )
    run = asyncio.run(_run(wired(staging=options.staging), plan))
    print(as_json(run) if options.json else as_table(run))
    sys.exit(exit_code(run))


def exit_code(run: Reconciliation) -> int:
    """What a run that is over is to whoever started it."""
    unanswered = run.ending is Ending.DONE and run.drift.unanswered
    return _UNANSWERED if unanswered else _EXIT_CODES[run.ending]


async def _run(container: "Container", plan: Plan) -> Reconciliation:
    async with opened(container):
        run = Reconciliation(service=container.reconciling(), plan=plan)
        going = asyncio.ensure_future(_with_progress(run))
        with stopping_when_told(going.cancel), suppress(asyncio.CancelledError):
            await going
        return run


async def _with_progress(run: Reconciliation) -> None:
    from tqdm import tqdm

    # None: only on a terminal.
    with tqdm(unit=" connections", disable=None, leave=False) as bar:
        async for rows in run.run():
            bar.total = run.stale
            bar.update(rows)
