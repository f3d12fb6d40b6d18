"""What was measured, as tables."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from bench.candidates import AGAIN, PEERS, service
from bench.figures import Figures, Spread
from bench.goals import GOALS, Goal

TITLES: Final = {each.name: each.title for each in (service(), AGAIN, *PEERS.values())}

_MARKED: Final = re.compile(
    r"(?P<begin><!-- (?P<name>[a-z0-9-]+): made by make bench -->\n).*?(?P<end><!-- end -->)",
    re.DOTALL,
)


def with_tables(document: str, tables: Mapping[str, str]) -> str:
    """`document` with each table that it has a mark for, made anew.

    Raises:
        KeyError: a mark names a table that there is not.

    """

    def table(mark: re.Match[str]) -> str:
        return f"{mark['begin']}\n{tables[mark['name']]}\n{mark['end']}"

    return _MARKED.sub(table, document)


def levels(figures: Figures, *, against: str = "service", delay: float = 0.0) -> str:
    """A table for each level: every candidate, and how many times its rate `against` has.

    Of a latency only what is beyond `delay` seconds is told: what Junction takes is nobody's.
    """
    return "\n".join(
        f"{level:,} in flight:\n\n{_level(figures, level, against, delay)}"
        for level in figures.levels()
    )


def _level(figures: Figures, level: int, against: str, delay: float) -> str:
    p50, p99 = (f"{'added ' if delay else ''}{part} ms" for part in ("p50", "p99"))
    head = ("", "requests/s", p50, p99, "CPU µs", "Wearable Link is")
    rows = (_row(figures, each, level, against, delay) for each in figures.measured)
    return as_table(head, rows)


def _row(figures: Figures, candidate: str, level: int, against: str, delay: float) -> list[str]:
    title = TITLES.get(candidate, candidate)
    if not figures.is_result(candidate, level):
        return [title, _why_not(figures, candidate, level), "", "", "", ""]
    rate, p50, p99, cpu = (
        figures.spread(candidate, level, of).median for of in ("rate", "p50", "p99", "cpu")
    )
    ratio = "" if candidate == against else times(figures.ratio("rate", against, candidate, level))
    milliseconds = [f"{(each - delay) * 1e3:.{digits}f}" for each, digits in ((p50, 2), (p99, 1))]
    return [title, f"{rate:,.0f}", *milliseconds, f"{cpu * 1e6:,.0f}", ratio]


def _why_not(figures: Figures, candidate: str, level: int) -> str:
    faults = {name for each in figures.of(candidate, level) for name in each.faults}
    return f"no result: {', '.join(sorted(faults))}" if faults else "not measured"


def curve(figures: Figures) -> str:
    """A row for each candidate: rate, p50 and p99 at each level, and what was sent away."""
    head = ("requests/s; p50 / p99 ms", *(f"{level:,}" for level in figures.levels()))
    rows = (
        [TITLES[each], *(_cell(figures, each, level) for level in figures.levels())]
        for each in figures.measured
    )
    return as_table(head, rows)


def _cell(figures: Figures, candidate: str, level: int) -> str:
    if not figures.is_result(candidate, level):
        return _why_not(figures, candidate, level)
    rate, p50, p99 = (figures.spread(candidate, level, of).median for of in ("rate", "p50", "p99"))
    rounds = figures.of(candidate, level)
    refused = sum(each.refused for each in rounds)
    asked = refused + sum(each.answered for each in rounds)
    sent_away = f"; {refused / asked:.0%} sent away with 503" if refused else ""
    return f"{rate:,.0f}; {p50 * 1e3:.1f} / {p99 * 1e3:.0f}{sent_away}"


def goals(of: Callable[[str], Figures]) -> str:
    """Every goal, beside what was measured."""
    return as_table(
        ("", "goal", "measured", ""), (_goal(each, of(each.scenario)) for each in GOALS)
    )


def _goal(goal: Goal, figures: Figures) -> list[str]:
    bound = f"{'≥' if goal.at_least else '≤'} {goal.bound:g} ×"
    if not goal.concerns <= set(figures.measured):
        return [goal.title, bound, "not measured", ""]
    measured = goal.measure(figures)
    return [goal.title, bound, times(measured), "met" if goal.is_met(measured) else "**missed**"]


def times(spread: Spread) -> str:
    return f"{spread.median:.2f} × ({spread.low:.2f} to {spread.high:.2f})"


def as_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
