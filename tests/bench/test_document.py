"""docs/performance.md says what was measured, and bench-check notices a loss."""

from dataclasses import dataclass

import pytest

from bench import document, report
from bench.check import losses
from bench.figures import Figures, Measured
from bench.goals import GOALS

PEERS = ("floor_extras", "fastapi_aiosqlite", "fastapi_core")


def figures(**rates: float) -> Figures:
    """One round at one level, of which nothing but the rates matters."""
    found = Figures(scenario="check", title="", rounds=1)
    for candidate, rate in rates.items():
        found.add(candidate, 16, measured(rate=rate))
    return found


def measured(*, rate: float = 100.0, faults: dict[str, int] | None = None) -> Measured:
    return Measured(
        rate=rate,
        p50=0.01,
        p99=0.02,
        cpu=0.001,
        resident=50.0,
        answered=100,
        faults=faults or {},
    )


def test_tables_are_those_of_the_figures_that_are_kept() -> None:
    assert document.DOCUMENT.read_text() == document.made_anew()


def test_table_is_replaced_between_its_marks_and_nothing_else() -> None:
    page = "before\n<!-- it: made by make bench -->\nold\n<!-- end -->\nafter\n"

    anew = report.with_tables(page, {"it": "new"})

    assert anew == "before\n<!-- it: made by make bench -->\n\nnew\n<!-- end -->\nafter\n"


def test_row_with_a_single_fault_is_no_result() -> None:
    found = figures(service=100.0)
    found.add("floor", 16, measured(faults={"500": 1}))

    assert "no result: 500" in report.levels(found)


def test_ratios_are_taken_within_a_round() -> None:
    found = Figures(scenario="check", title="", rounds=2)
    for ours, theirs in ((100.0, 50.0), (10.0, 2.0)):
        found.add("service", 16, measured(rate=ours))
        found.add("floor", 16, measured(rate=theirs))

    ratio = found.ratio("rate", "service", "floor", 16)

    assert (ratio.low, ratio.high) == (2.0, 5.0)


def test_service_that_lost_against_most_of_its_peers_is_told() -> None:
    before = figures(service=300.0, **dict.fromkeys(PEERS, 100.0))
    now = figures(service=200.0, **dict.fromkeys(PEERS, 100.0))

    [loss] = losses(now, before)

    assert loss.startswith("16 in flight")


@dataclass(frozen=True)
class Machine:
    """One on which everything takes another time, or one peer does."""

    service: float
    peers: tuple[float, float, float]


@pytest.mark.parametrize(
    "machine",
    [Machine(30.0, (10.0, 10.0, 10.0)), Machine(300.0, (190.0, 100.0, 100.0))],
    ids=["slower, all of it", "lucky, one peer"],
)
def test_machine_that_is_another_is_no_loss(machine: Machine) -> None:
    before = figures(service=300.0, **dict.fromkeys(PEERS, 100.0))
    now = figures(service=machine.service, **dict(zip(PEERS, machine.peers, strict=True)))

    assert not list(losses(now, before))


def test_goals_are_all_told_with_what_was_measured() -> None:
    page = document.DOCUMENT.read_text()

    assert all(f"| {goal.title} |" in page for goal in GOALS)
