"""`make reconcile-load`: reconcile many connections against the simulator, stopped in between.

Prints what each run took and left, and fails unless the record agrees with Junction in the end.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import psutil

from bench import population

_COMMAND: Final = str(Path(sys.executable).with_name("wearable-link"))
_INTERRUPTED: Final = 4


@dataclass(frozen=True, slots=True)
class Run:
    """What one command reported; `peak` is the most memory it held, in MiB."""

    report: Any
    exit_code: int
    peak: float

    def __str__(self) -> str:
        asked = self.report["users"] + self.report["unanswered"]
        rate = asked / max(self.report["seconds"], 0.001)
        return (
            f"{self.report['ending']}, exit code {self.exit_code}: {asked:,} users in "
            f"{self.report['seconds']:.1f} s, {rate:.0f} a second; at most {self.peak:.0f} MiB"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default=100_000, type=int)
    parser.add_argument("--rate", default=500.0, type=float)
    parser.add_argument("--stop-after", default=20.0, type=float, help="seconds of the first run")
    parser.add_argument("--port", default=8191, type=int)
    options = parser.parse_args()
    folder = Path(mkdtemp(prefix="reconcile-"))
    try:
        return _measure(options, folder)
    finally:
        shutil.rmtree(folder)


def _measure(options: argparse.Namespace, folder: Path) -> int:
    database = folder / "staging.db"
    population.on_record(database, options.rows)
    population.at_junction(folder / "junction.jsonl", options.rows)
    print(f"{options.rows:,} connections; on record: {dict(population.stored(database))}")
    with _junction(folder, options.port):
        stopped = _reconcile(database, options, seconds=options.stop_after)
        print("first run: ", stopped)
        finished = _reconcile(database, options, seconds=None)
        print("second run:", finished)
        again = _reconcile(database, options, seconds=None)
        print("third run: ", again)
    agrees = population.stored(database) == population.said_by_junction(options.rows)
    print(f"on record: {dict(population.stored(database))}; as Junction says: {agrees}")
    asked = sum(run.report["users"] for run in (stopped, finished))
    resumed = stopped.exit_code == _INTERRUPTED and finished.exit_code == 0
    # What was asked and not yet recorded when it was stopped is asked again: a page at most.
    print(f"asked about {asked:,} users in both; went on where it stopped: {resumed}")
    return 0 if agrees and resumed and again.report["users"] == 0 else 1


@contextmanager
def _junction(folder: Path, port: int) -> Iterator[None]:
    process = subprocess.Popen(
        [_COMMAND, "simulate-junction", "--port", str(port), "--state", "junction.jsonl"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("Serve with"):
            if process.poll() is not None:
                raise SystemExit("the simulator does not start")
        yield
    finally:
        process.terminate()
        process.wait()


def _reconcile(database: Path, options: argparse.Namespace, *, seconds: float | None) -> Run:
    process = subprocess.Popen(
        [_COMMAND, "reconcile", "--staging", "--json", "--rate", str(options.rate)],
        cwd=database.parent,
        env=os.environ
        | {
            "DATABASE_URL": f"sqlite:///{database}",
            "JUNCTION_BASE_URL": f"http://127.0.0.1:{options.port}",
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    peak = _watched(process, until=None if seconds is None else time.monotonic() + seconds)
    said, _ = process.communicate()
    return Run(json.loads(said), process.returncode, peak / 2**20)


def _watched(process: subprocess.Popen[str], *, until: float | None) -> int:
    """The most memory that the process holds until it ends; told to stop when its time is up."""
    peak, watched = 0, psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, watched.memory_info().rss)
        if until is not None and time.monotonic() > until:
            process.send_signal(signal.SIGINT)
            until = None
        time.sleep(0.1)
    return peak


if __name__ == "__main__":
    sys.exit(main())
