"""`make bench`: measure one thing or several, keep the figures, and write docs/performance.md."""

import argparse

from bench import plot
from bench.document import DOCUMENT, made_anew
from bench.figures import Figures
from bench.measurements import ALL
from bench.results import keep, kept
from bench.running import keep_to_the_clients_core


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"of {', '.join(ALL)}; or tables")
    parser.add_argument("--rounds", default=5, type=int)
    options = parser.parse_args()
    if options.what != ["tables"]:
        keep_to_the_clients_core()
        for name in options.what or ALL:
            keep(name, ALL[name].measure(options.rounds))
    DOCUMENT.write_text(made_anew())
    plot.draw(kept("concurrency", Figures), DOCUMENT.with_suffix(".svg"))


if __name__ == "__main__":
    main()
