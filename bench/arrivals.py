"""Exchanges that come by themselves, while Junction takes its time: see `open_loop`."""

from typing import Final

from bench import report
from bench.candidates import AGAIN, PEERS, service
from bench.figures import Figures
from bench.open_loop import open_loop
from bench.rounds import Scenario
from bench.work import Exchange

_DELAY: Final = 0.020  # seconds that Junction takes

ARRIVALS: Final = Scenario(
    name="arrivals",
    title="Exchanges that come at random, Junction answering after 20 ms",
    candidates=[
        service(),
        AGAIN,
        *(PEERS[name] for name in ("floor", "floor_extras", "fastapi_aiosqlite", "fastapi_core")),
    ],
    work=Exchange(),
    levels=(100, 300, 500),
    delay=_DELAY,
    seconds=3.0,
    load=open_loop,
)


def table(figures: Figures) -> str:
    """For each rate what is added to Junction's time."""
    return "\n".join(f"{rate} a second:\n\n{_rate(figures, rate)}" for rate in figures.levels())


def _rate(figures: Figures, rate: int) -> str:
    head = ("", "added p50 ms", "added p99 ms", "CPU µs")
    return report.as_table(head, (_row(figures, each, rate) for each in figures.measured))


def _row(figures: Figures, candidate: str, rate: int) -> list[str]:
    p50, p99, cpu = (figures.spread(candidate, rate, of) for of in ("p50", "p99", "cpu"))
    added = f"{_ms(p50.median)} ({_ms(p50.low)} to {_ms(p50.high)})"
    return [report.TITLES[candidate], added, _ms(p99.median), f"{cpu.median * 1e6:,.0f}"]


def _ms(seconds: float) -> str:
    return f"{(seconds - _DELAY) * 1e3:,.1f}"
