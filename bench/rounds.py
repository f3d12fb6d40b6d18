"""Rounds: all candidates are up at once and loaded in turn, there and back.

What a noisy machine does to one of them in a round it soon does to the others too; so figures are
compared within a round, and what is told is the median of what the rounds say.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.candidates import Candidate
from bench.figures import Figures, Measured
from bench.load import Load, Work, closed_loop
from bench.running import Running, running, upstream

_SETTLE: Final = 0.2  # seconds between two loads
_MEBIBYTE: Final = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """`levels` are what `load` takes: how many are in flight, or come in a second.

    `delay` and `seconds` are seconds.
    """

    name: str
    title: str
    candidates: Sequence[Candidate]
    work: Work
    levels: Sequence[int]
    seconds: float = 1.5
    delay: float = 0.0
    load: Callable[..., Load] = closed_loop
    answers_are_constant: frozenset[str] = frozenset({"bare_asgi"})


def measure(scenario: Scenario, rounds: int, *, folder: Path | None = None) -> Figures:
    """Run it; progress is told on standard output."""
    figures = Figures(scenario=scenario.name, title=scenario.title, rounds=rounds)
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        junction = stack.enter_context(upstream(delay=scenario.delay))
        servers = [
            stack.enter_context(running(each, _filled(each, place), junction))
            for each in scenario.candidates
        ]
        for number in range(rounds):
            for level in scenario.levels:
                for server in servers if number % 2 == 0 else reversed(servers):
                    measured = _measured(server, scenario, level)
                    figures.add(server.candidate.name, level, measured)
                    print(f"{number + 1}/{rounds} {level:5} {server.candidate.name:20} {measured}")
    return figures


def _filled(candidate: Candidate, place: Path) -> Path:
    file = place / f"{candidate.name}.db"
    candidate.fill(file)
    return file


def _measured(server: Running, scenario: Scenario, level: int) -> Measured:
    server.candidate.renew(server.database)
    time.sleep(_SETTLE)
    work = scenario.work
    if server.candidate.name in scenario.answers_are_constant:
        work = _Constant(work)
    numbers = _Counted(count())
    cpu = server.cpu_seconds()
    load = scenario.load(server.port, work, numbers, level=level, seconds=scenario.seconds)
    cpu = server.cpu_seconds() - cpu
    if not load.answered:
        load.faults["no answer"] += 1
    return Measured.of(
        load, cpu=cpu / max(numbers.given, 1), resident=server.resident() / _MEBIBYTE
    )


class _Counted:
    """Numbers, and how many of them were asked for."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self._numbers = numbers
        self.given = 0

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        self.given += 1
        return next(self._numbers)


class _Constant:
    """The same work for who answers it with a constant: only the status can be right."""

    def __init__(self, work: Work) -> None:
        self.request = work.request

    def fault(self, n: int, status: bytes, body: bytes) -> str | None:  # noqa: ARG002
        return None if status == b"201" else status.decode()
