"""docs/performance.md: words written by hand, and tables made from the figures that are kept.

tests/bench holds the one against the other.
"""

from typing import Final

from bench import report
from bench.candidates import ROOT
from bench.measurements import ALL
from bench.results import kept

DOCUMENT: Final = ROOT / "docs" / "performance.md"


def made_anew() -> str:
    """The document with every table as the kept figures have it."""
    tables = {name: each.table(kept(name, each.kind)) for name, each in ALL.items()}
    tables["goals"] = report.goals(lambda name: kept(name, ALL[name].kind))
    return report.with_tables(DOCUMENT.read_text(), tables)
