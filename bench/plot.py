"""Throughput and latency against what is in flight, as a picture."""

from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib import pyplot as plt

from bench.candidates import AGAIN, PEERS, service
from bench.figures import Figures

_TITLES: Final = {each.name: each.title for each in (service(), AGAIN, *PEERS.values())}


def draw(figures: Figures, file: Path) -> None:
    """An SVG that is the same, byte for byte, whenever the figures are."""
    mpl.rcParams["svg.hashsalt"] = "wearable-link"
    picture, (rates, latencies) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for candidate in figures.measured:
        _draw(figures, candidate, rates, latencies)
    rates.set(title="exchanges a second", xlabel="in flight")
    latencies.set(title="latency, ms: p50, and p99 dotted", xlabel="in flight")
    for axes in (rates, latencies):
        axes.set(xscale="log", yscale="log")
        axes.set_xticks(figures.levels(), [str(level) for level in figures.levels()])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    picture.legend(*rates.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    picture.savefig(file, metadata={"Date": None})


def _draw(figures: Figures, candidate: str, rates: Any, latencies: Any) -> None:  # noqa: ANN401  (matplotlib's axes have no types)
    levels = [level for level in figures.levels() if figures.is_result(candidate, level)]
    label = _TITLES.get(candidate, candidate).replace("*", "")
    line, *_ = rates.plot(levels, _of(figures, candidate, levels, "rate"), "o-", label=label)
    for part, style in (("p50", "o-"), ("p99", "o:")):
        milliseconds = [each * 1e3 for each in _of(figures, candidate, levels, part)]
        latencies.plot(levels, milliseconds, style, color=line.get_color())


def _of(figures: Figures, candidate: str, levels: list[int], part: str) -> list[float]:
    return [figures.spread(candidate, level, part).median for level in levels]
