"""docs/performance.md: words written by hand, and tables made from the figures that are kept.

tests/bench holds the one against the other.
"""

from typing import Final

from bench import plot, report
from bench.candidates import ROOT
from bench.figures import Figures
from bench.measurements import ALL
from bench.results import kept

DOCUMENT: Final = ROOT / "docs" / "performance.md"
PICTURE: Final = DOCUMENT.with_suffix(".svg")


def made_anew() -> str:
    """The document with every table as the kept figures have it."""
    tables = {name: each.table(kept(name, each.kind)) for name, each in ALL.items()}
    tables["goals"] = report.goals(lambda name: kept(name, ALL[name].kind))
    return report.with_tables(DOCUMENT.read_text(), tables)


def write() -> None:
    DOCUMENT.write_text(made_anew())
    plot.draw(kept("concurrency", Figures), PICTURE)
