"""What was measured, as the tables of docs/performance.md.

A table stands between two marks and is made anew from the committed figures; the words around it
are written by hand. tests/bench holds the tables against the figures.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from bench.candidates import AGAIN, PEERS, ROOT, service
from bench.figures import Figures, Spread
from bench.goals import GOALS, Goal

RESULTS: Final = ROOT / "bench" / "results"
DOCUMENT: Final = ROOT / "docs" / "performance.md"

_MARKED: Final = re.compile(
    r"(?P<begin><!-- (?P<name>[a-z0-9-]+): made by make bench -->\n).*?(?P<end><!-- end -->)",
    re.DOTALL,
)
_TITLES: Final = {each.name: each.title for each in (service(), AGAIN, *PEERS.values())}


def save(figures: Figures) -> None:
    RESULTS.mkdir(exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    (RESULTS / f"{figures.scenario}.json").write_bytes(text + b"\n")


def load(name: str) -> Figures:
    return msgspec.json.decode((RESULTS / f"{name}.json").read_bytes(), type=Figures)


def with_tables(document: str, tables: Mapping[str, str]) -> str:
    """`document` with each table that is marked in it as it is now.

    Raises:
        KeyError: a mark names a table that there is not.

    """

    def table(mark: re.Match[str]) -> str:
        return f"{mark['begin']}\n{tables[mark['name']]}\n{mark['end']}"

    return _MARKED.sub(table, document)


def levels(figures: Figures, *, against: str = "service") -> str:
    """A table for each level: every candidate, and how many times its rate `against` has."""
    return "\n".join(
        f"{level:,} in flight:\n\n{_level(figures, level, against)}" for level in figures.levels()
    )


def _level(figures: Figures, level: int, against: str) -> str:
    head = ("", "requests/s", "p50 ms", "p99 ms", "CPU µs", "Wearable Link is")
    return as_table(head, (_row(figures, each, level, against) for each in figures.measured))


def _row(figures: Figures, candidate: str, level: int, against: str) -> list[str]:
    title = _TITLES.get(candidate, candidate)
    if not figures.is_result(candidate, level):
        return [title, _why_not(figures, candidate, level), "", "", "", ""]
    rate, p50, p99, cpu = (
        figures.spread(candidate, level, of).median for of in ("rate", "p50", "p99", "cpu")
    )
    ratio = "" if candidate == against else times(figures.ratio("rate", against, candidate, level))
    milliseconds = f"{p50 * 1e3:.2f}", f"{p99 * 1e3:.1f}"
    return [title, f"{rate:,.0f}", *milliseconds, f"{cpu * 1e6:,.0f}", ratio]


def _why_not(figures: Figures, candidate: str, level: int) -> str:
    faults = {name for each in figures.of(candidate, level) for name in each.faults}
    return f"no result: {', '.join(sorted(faults))}" if faults else "not measured"


def goals(of: Callable[[str], Figures]) -> str:
    """Every goal that these figures speak of, beside what was measured."""
    return as_table(
        ("", "goal", "measured", ""), (_goal(each, of(each.scenario)) for each in GOALS)
    )


def _goal(goal: Goal, figures: Figures) -> list[str]:
    measured = goal.measure(figures)
    bound = f"{'≥' if goal.at_least else '≤'} {goal.bound:g} ×"
    return [goal.title, bound, times(measured), "met" if goal.is_met(measured) else "**missed**"]


def times(spread: Spread) -> str:
    return f"{spread.median:.2f} × ({spread.low:.2f} to {spread.high:.2f})"


def as_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
