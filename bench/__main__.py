"""`make bench`: measure one thing or several, keep the figures, and write docs/performance.md."""

import argparse

from bench import report
from bench.rounds import measure
from bench.running import keep_to_the_clients_core
from bench.scenarios import ALL


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"of {', '.join(ALL)}")
    parser.add_argument("--rounds", default=5, type=int)
    options = parser.parse_args()
    keep_to_the_clients_core()
    for name in options.what or ALL:
        report.save(measure(ALL[name], options.rounds))


if __name__ == "__main__":
    main()
