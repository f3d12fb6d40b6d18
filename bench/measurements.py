"""All that is measured: how, and how it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from bench import arrivals, breakdown, ceiling, growth, report, startup
from bench.figures import Figures
from bench.listing import listing
from bench.postgresql import on_postgresql
from bench.rounds import Scenario, measure
from bench.scenarios import CONCURRENCY, DELAY, EXCHANGE
from bench.webhooks import webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """`kind` is what `measure` returns, given how many rounds, and `table` tells."""

    kind: Any
    measure: Callable[[int], Any]
    table: Callable[[Any], str]


def _rounds(scenario: Scenario, table: Callable[[Figures], str] = report.levels) -> Measurement:
    return Measurement(kind=Figures, measure=partial(measure, scenario), table=table)


def _on_postgresql(rounds: int) -> Figures:
    with on_postgresql() as scenario:
        return measure(scenario, rounds)


def _growth(rounds: int) -> Figures:
    growth.prepare(growth.FOLDER)
    return measure(growth.growth(), rounds, folder=growth.FOLDER)


ALL: Final = {
    "ceiling": Measurement(kind=Figures, measure=ceiling.measure, table=ceiling.table),
    "exchange": _rounds(EXCHANGE),
    "delay": _rounds(DELAY, partial(report.levels, delay=DELAY.delay)),
    "arrivals": _rounds(arrivals.ARRIVALS, arrivals.table),
    "concurrency": _rounds(CONCURRENCY, report.curve),
    "listing": _rounds(listing()),
    "webhooks": _rounds(webhooks()),
    "postgresql": Measurement(kind=Figures, measure=_on_postgresql, table=report.levels),
    "growth": Measurement(kind=Figures, measure=_growth, table=growth.table),
    "startup": Measurement(kind=startup.Figures, measure=startup.measure, table=startup.table),
    "breakdown": Measurement(
        kind=list[breakdown.Breakdown],
        measure=lambda _: breakdown.break_down(),
        table=breakdown.table,
    ),
}
