"""All that is measured: how, and how it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from bench import breakdown, ceiling, report
from bench.figures import Figures
from bench.rounds import Scenario, measure
from bench.scenarios import CONCURRENCY, DELAY, EXCHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """`kind` is what `measure` returns, given how many rounds, and `table` tells."""

    kind: Any
    measure: Callable[[int], Any]
    table: Callable[[Any], str]


def _rounds(scenario: Scenario, table: Callable[[Figures], str] = report.levels) -> Measurement:
    return Measurement(kind=Figures, measure=partial(measure, scenario), table=table)


ALL: Final = {
    "ceiling": Measurement(kind=Figures, measure=ceiling.measure, table=ceiling.table),
    "exchange": _rounds(EXCHANGE),
    "delay": _rounds(DELAY, partial(report.levels, delay=DELAY.delay)),
    "concurrency": _rounds(CONCURRENCY, report.curve),
    "breakdown": Measurement(
        kind=list[breakdown.Breakdown],
        measure=lambda _: breakdown.break_down(),
        table=breakdown.table,
    ),
}
