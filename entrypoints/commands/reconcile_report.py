"""What a run of reconciling found, for people and for programs. It names nobody."""

from collections.abc import Iterator
from typing import Final

import msgspec

from domain.facts import Status
from entrypoints.reconciliation import Ending, Reconciliation

_ENDINGS: Final = {
    Ending.DONE: "Done.",
    Ending.INTERRUPTED: "Interrupted. Start it again, and it goes on with the rest.",
    Ending.TOO_MANY_LOST: (
        "Stopped: more than a fifth of the links are gone. If the API key is the right team's, "
        "say --yes."
    ),
    Ending.JUNCTION_SILENT: "Stopped: Junction answers nothing.",
    Ending.JUNCTION_REJECTED_CREDENTIALS: "Stopped: Junction refuses the API key.",
    Ending.STORAGE_UNAVAILABLE: "Stopped: the database failed.",
}


class Change(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    before: Status
    after: Status
    count: int


class Report(msgspec.Struct, frozen=True):
    """`rows` were on record, `opened` were not; `unanswered` are users, as `users` are.

    `doubtful`: more links are gone than is likely.
    """

    ending: Ending
    dry_run: bool
    seconds: float
    users: int
    unanswered: int
    rows: int
    unchanged: int
    opened: int
    changes: list[Change]
    doubtful: bool

    @classmethod
    def of(cls, run: Reconciliation) -> "Report":
        drift = run.drift
        return cls(
            ending=run.ending,
            dry_run=run.plan.dry_run,
            seconds=round(run.seconds, 3),
            users=drift.users,
            unanswered=drift.unanswered,
            rows=drift.rows,
            unchanged=drift.rows - drift.changed,
            opened=drift.opened,
            changes=[
                Change(before, after, count)
                for (before, after), count in sorted(drift.changes.items())
                if before is not after
            ],
            doubtful=drift.doubt.is_raised,
        )


def as_json(run: Reconciliation) -> str:
    return msgspec.json.encode(Report.of(run)).decode()


def as_table(run: Reconciliation) -> str:
    return "\n".join(_lines(Report.of(run)))


def _lines(report: Report) -> Iterator[str]:
    for change in report.changes:
        yield _line(f"{change.before} -> {change.after}", change.count)
    yield _line("not on record before", report.opened)
    yield _line("as they were", report.unchanged)
    yield _line("users asked about", report.users + report.unanswered)
    yield _line("users without an answer", report.unanswered)
    yield f"{report.seconds:.1f} seconds. {_ENDINGS[report.ending]}"
    if report.dry_run:
        yield "Nothing was recorded: this was a dry run."
    if report.dry_run and report.doubtful:
        yield "More than a fifth of the links are gone: without --yes a run would stop."


def _line(what: str, count: int) -> str:
    return f"{what:<29}{count:>11,}"
