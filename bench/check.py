"""`make bench-check`: has the service become slower against its peers since the figures were kept?

Rates of two runs cannot be compared, the machine is never the same; ratios within a run can. The
bound is wider than what the same program, measured twice in one run, differs from itself.
"""

import sys
from collections.abc import Iterator
from typing import Final

from bench.figures import Figures
from bench.results import kept
from bench.rounds import measure
from bench.running import keep_to_the_clients_core
from bench.scenarios import CHECK

_ROUNDS: Final = 5
_LEAST: Final = 0.75  # of what was kept


def losses(now: Figures, before: Figures) -> Iterator[str]:
    """Where the service has less than `_LEAST` of what it had against most of its peers.

    Against one of them it may have: then it is that one which was lucky, or is better now.
    """
    for level in now.levels():
        shares = {
            peer: now.ratio("rate", "service", peer, level).median
            / before.ratio("rate", "service", peer, level).median
            for peer in now.measured
            if peer != "service"
        }
        lost = {peer: share for peer, share in shares.items() if share < _LEAST}
        if 2 * len(lost) > len(shares):
            told = ", ".join(f"{share:.2f} against {peer}" for peer, share in lost.items())
            yield f"{level} in flight: of what was kept {told}"


def main() -> int:
    keep_to_the_clients_core()
    now = measure(CHECK, _ROUNDS)
    bad = [
        f"{candidate}, {level} in flight: no result"
        for candidate in now.measured
        for level in now.levels()
        if not now.is_result(candidate, level)
    ]
    bad += [] if bad else losses(now, kept("exchange", Figures))
    print(*bad or [f"as fast as it was kept, or more than {_LEAST} of that"], sep="\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
