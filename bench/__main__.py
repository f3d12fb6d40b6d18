"""`make bench`: measure, and write what was measured into docs/performance/."""

import argparse
import sys

from bench.candidates import AGAIN, PEERS, service
from bench.rounds import Scenario, measure
from bench.running import keep_to_the_clients_core
from bench.work import Exchange


def main() -> int:
    keep_to_the_clients_core()
    figures = measure(
        Scenario(
            name="exchange",
            title="x",
            candidates=[service(), *(p for n, p in PEERS.items() if n != "fastapi_asyncpg"), AGAIN],
            work=Exchange(),
            levels=[1, 16, 64],
        ),
        rounds=int(sys.argv[1]),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
