"""The service alone, over tables of up to five million connections: does it slow down with them?

All are measured in the same rounds, so that what differs is what was there before. A load lasts
long enough for checkpoints to fall into it. The files are made once, as that takes minutes.
"""

import argparse
import os
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from bench import crowd, report
from bench.candidates import ROOT, service
from bench.figures import Figures
from bench.rounds import Scenario, measure
from bench.running import keep_to_the_clients_core
from bench.work import Exchange

SIZES: Final = (0, 100_000, 1_000_000, 5_000_000)
FOLDER: Final = ROOT / ".venv-bench/growth"

_SETTLE: Final = 30.0  # seconds for the disk to be done with gigabytes that were just written
_GIBIBYTE: Final = 2**30


def growth(*, most: int = SIZES[-1], seconds: float = 5.0) -> Scenario:
    """To be measured in the folder that was prepared."""
    return Scenario(
        name="growth",
        title="Tables that grow",
        candidates=[
            replace(
                service(str(size), f"{size:,} connections before"),
                fill=partial(_fill, size),
                renew=crowd.renew,
            )
            for size in SIZES
            if size <= most
        ],
        work=Exchange(crowd.NAMES),
        levels=[1, 64],
        seconds=seconds,
    )


def prepare(folder: Path, *, most: int = SIZES[-1]) -> None:
    """Make what is not there yet, and wait until the machine is done with it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [_made(size, folder / f"{size}.db") for size in SIZES if size <= most]
    if any(made):
        os.sync()
        time.sleep(_SETTLE)


def table(figures: Figures) -> str:
    """How each does, and by the empty table in the same round."""
    return "\n".join(
        f"{level:,} in flight:\n\n{_level(figures, level)}" for level in figures.levels()
    )


def _level(figures: Figures, level: int) -> str:
    head = ("connections before", "requests/s", "p50 ms", "p99 ms", "throughput", "p99")
    return report.as_table(head, (_row(figures, size, level) for size in figures.measured))


def _row(figures: Figures, size: str, level: int) -> list[str]:
    rate, p50, p99 = (figures.spread(size, level, of).median for of in ("rate", "p50", "p99"))
    ratios = [report.times(figures.ratio(of, size, "0", level)) for of in ("rate", "p99")]
    return [f"{int(size):,}", f"{rate:,.0f}", f"{p50 * 1e3:.2f}", f"{p99 * 1e3:.1f}", *ratios]


def _made(size: int, file: Path) -> bool:
    if file.exists():
        return False
    began = time.perf_counter()
    _fill(size, file)
    took = time.perf_counter() - began
    print(f"{size:,} connections: {file.stat().st_size / _GIBIBYTE:.2f} GiB in {took:.0f} s")
    return True


def _fill(size: int, file: Path) -> None:
    """Under its name a file is whole, or is not there."""
    if file.exists():
        return
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    crowd.fill(part, size)
    part.rename(file)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", default=SIZES[-1], type=int, help="leave out bigger tables")
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--seconds", default=5.0, type=float, help="of each load")
    parser.add_argument("--folder", default=FOLDER, type=Path, help="where the files are kept")
    options = parser.parse_args()
    keep_to_the_clients_core()
    prepare(options.folder, most=options.most)
    scenario = growth(most=options.most, seconds=options.seconds)
    print(table(measure(scenario, options.rounds, folder=options.folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
