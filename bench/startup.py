"""From the start of a process to its first answer, and what it holds in memory.

Of everybody the bytecode is there before, as in an image; none is up while another is measured.
"""

import argparse
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPResponse
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench import ledger
from bench.candidates import AGAIN, PEERS, ROOT, Candidate, service
from bench.figures import Spread
from bench.load import closed_loop
from bench.running import Running, keep_to_the_clients_core, running, upstream
from bench.work import Exchange

CANDIDATES: Final = (
    service(),
    *(
        PEERS[name]
        for name in ("fastapi_httpx", "fastapi_core", "fastapi_aiosqlite", "floor_extras")
    ),
    AGAIN,
)
COMPARED_WITH: Final = "fastapi_httpx"
GOALS: Final = {"seconds": 0.6, "idle": 0.8, "loaded": 0.8}
"""At most so many times what it is compared with takes."""

_IN_FLIGHT: Final = 64
_LOADED_FOR: Final = 3.0  # seconds
_MEBIBYTE: Final = 2**20

_WORK: Final = Exchange()

# With its own interpreter, what each environment has installed; the peers are in no package.
_COMPILED: Final = (
    (".venv-bench/service", (".venv-bench/service/lib",)),
    (".venv-bench/peers", (".venv-bench/peers/lib", "bench/__init__.py", "bench/peers")),
)

_TITLES: Final = {
    "seconds": "first answer after, ms",
    "cpu": "of CPU, ms",
    "idle": "idle, MiB",
    "loaded": f"after {_IN_FLIGHT} in flight, MiB",
}
_PRINTED_IN: Final = {"seconds": 1e3, "cpu": 1e3, "idle": 1.0, "loaded": 1.0}


class Starts(msgspec.Struct):
    """Of one candidate, round by round: seconds to the first answer, and MiB.

    `cpu` is what it used of the seconds: less depends on what else the machine does.
    """

    seconds: list[float] = msgspec.field(default_factory=list)
    cpu: list[float] = msgspec.field(default_factory=list)
    idle: list[float] = msgspec.field(default_factory=list)
    loaded: list[float] = msgspec.field(default_factory=list)

    def __str__(self) -> str:
        said = f"{self.seconds[-1] * 1e3:6.0f} ms  CPU {self.cpu[-1] * 1e3:5.0f} ms"
        return f"{said}  {self.idle[-1]:5.1f} MiB  {self.loaded[-1]:5.1f} MiB loaded"

    def of(self, what: str) -> list[float]:
        values: list[float] = getattr(self, what)
        return values


class Figures(msgspec.Struct):
    """By the candidates' names."""

    rounds: int
    titles: dict[str, str]
    measured: dict[str, Starts]

    def ratio(self, of: str, candidate: str) -> Spread:
        """To what it is compared with, within each round."""
        pairs = zip(
            self.measured[candidate].of(of), self.measured[COMPARED_WITH].of(of), strict=True
        )
        return Spread.of([one / other for one, other in pairs])


def measure(rounds: int, candidates: Sequence[Candidate] = CANDIDATES) -> Figures:
    """All in turn, there and back; progress is told on standard output."""
    compile_all()
    figures = Figures(
        rounds=rounds,
        titles={each.name: each.title for each in candidates},
        measured={each.name: Starts() for each in candidates},
    )
    with TemporaryDirectory(prefix="bench-") as place, upstream(delay=0.0) as junction:
        for each in candidates:
            each.fill(_file(each, place))
        for number in range(rounds):
            for each in candidates if number % 2 == 0 else reversed(candidates):
                starts = figures.measured[each.name]
                _start(each, _file(each, place), junction, starts)
                print(f"{number + 1}/{rounds} {each.name:20} {starts}")
    return figures


def _file(candidate: Candidate, place: str) -> Path:
    return Path(place, f"{candidate.name}.db")


def compile_all() -> None:
    for environment, places in _COMPILED:
        command = (str(ROOT / environment / "bin/python"), "-m", "compileall", "-q", *places)
        subprocess.run(command, cwd=ROOT, check=True)


def _start(candidate: Candidate, file: Path, junction: str, starts: Starts) -> None:
    ledger.renew(file)
    numbers = count()
    began = time.perf_counter()
    with running(candidate, file, junction) as server:
        _exchange(server.port, next(numbers))
        starts.seconds.append(time.perf_counter() - began)
        starts.cpu.append(server.cpu_seconds())
        starts.idle.append(server.resident() / _MEBIBYTE)
        _load(server, numbers)
        starts.loaded.append(server.resident() / _MEBIBYTE)


def _exchange(port: int, n: int) -> None:
    """What listens need not answer yet: its answer is waited for."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(_WORK.request(n))
        with HTTPResponse(connection) as response:
            response.begin()
            fault = _WORK.fault(n, str(response.status).encode(), response.read())
    assert fault is None, fault


def _load(server: Running, numbers: Iterator[int]) -> None:
    load = closed_loop(server.port, _WORK, numbers, level=_IN_FLIGHT, seconds=_LOADED_FOR)
    assert not load.faults, (server.candidate.name, load.faults)


def table(figures: Figures) -> str:
    """In Markdown: medians, the least and the most, and the ratio beside the goal."""
    heads = [head for what in _TITLES for head in (_TITLES[what], _goal(what))]
    lines = [["", *heads], ["---", *("---:" for _ in heads)]]
    for name, starts in figures.measured.items():
        cells = [figures.titles[name]]
        for what in _TITLES:
            cells += [_told(Spread.of(starts.of(what)), what), _ratio(figures, what, name)]
        lines.append(cells)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _goal(what: str) -> str:
    return f"ratio, goal ≤ {GOALS[what]:g}" if what in GOALS else "ratio"


def _told(spread: Spread, what: str) -> str:
    unit = _PRINTED_IN[what]
    return f"{spread.median * unit:.0f} ({spread.low * unit:.0f}-{spread.high * unit:.0f})"


def _ratio(figures: Figures, what: str, name: str) -> str:
    if name == COMPARED_WITH:
        return "1"
    return f"{figures.ratio(what, name).median:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", default=10, type=int, help="(%(default)s)")
    options = parser.parse_args()
    keep_to_the_clients_core()
    print(table(measure(options.rounds)))


if __name__ == "__main__":
    main()
