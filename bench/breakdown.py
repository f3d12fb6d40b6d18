"""Where the time of one exchange goes: CPU of each thread, and of the loop's what each layer has.

The threads' CPU is the system's count. The shares within a thread are samples of py-spy of who
holds the interpreter's lock; to be sampled costs something, so they are shares and not times.
"""

import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench import ledger
from bench.candidates import ROOT, Candidate, service
from bench.load import Load, closed_loop
from bench.running import Running, running, upstream
from bench.work import Exchange

_PY_SPY: Final = ROOT / ".venv-bench/tools/bin/py-spy"
_SECONDS: Final = 8.0
_WARM_UP: Final = 1.2  # a load is warmed up for a fifth of its time, and asks then too

# The innermost frame that is of a layer says whose time it is; the first pattern that fits.
_LAYERS: Final = {
    "log line": r"structlog/|entrypoints/log\.py|request_log\.py",
    "Junction client: aiohttp": r"aiohttp/|yarl/|multidict/",
    "Junction client: deadline, breaker, retries, decoding": (
        r"adapters/(junction|resilience|upstream)"
    ),
    "HTTP server: uvicorn, httptools, bounds": (
        r"uvicorn/|http/(protocol|lingering|deadline|limits)"
    ),
    "Starlette: routing, request, response": r"starlette/",
    "HTTP: middleware, identity, decoding, encoding": r"entrypoints/|adapters/identity",
    "use case: ledger rules, single flight": r"domain/",
    "storage, as the loop sees it": r"adapters/persistence|aiosqlite/|databases/",
}
_LOOP: Final = "event loop: uvloop itself"
_THREADS: Final = {"sqlite-writer": "writer's thread", "connection_worker": "reader's thread"}


class Breakdown(msgspec.Struct):
    """Of one exchange, at one level: microseconds of CPU, and parts of the whole."""

    level: int
    rate: float
    cpu: dict[str, float]
    layers: dict[str, float]


def break_down(
    levels: Iterable[int] = (1, 64), candidate: Candidate | None = None
) -> list[Breakdown]:
    """Each level loaded twice: once to count the CPU, once to be sampled."""
    measured = candidate or service()
    with TemporaryDirectory(prefix="bench-") as folder, upstream(delay=0) as junction:
        file = Path(folder) / "service.db"
        measured.fill(file)
        with running(measured, file, junction) as server:
            return [_at(level, server, Path(folder) / "samples") for level in levels]


def _at(level: int, server: Running, samples: Path) -> Breakdown:
    before = _cpu_by_thread(server)
    load = _loaded(server, level)
    cpu = _cpu_by_thread(server)
    asked = load.answered * _WARM_UP
    spent = {thread: (cpu[thread] - before.get(thread, 0.0)) / asked for thread in cpu}
    return Breakdown(
        level=level,
        rate=load.rate,
        cpu={name: seconds * 1e6 for name, seconds in _named(server, spent)},
        layers=_layers(server, level, samples),
    )


def _loaded(server: Running, level: int) -> Load:
    ledger.renew(server.database)
    return closed_loop(server.port, Exchange(), count(), in_flight=level, seconds=_SECONDS)


def _cpu_by_thread(server: Running) -> dict[int, float]:
    return {each.id: each.user_time + each.system_time for each in server.process.threads()}


def _named(server: Running, spent: dict[int, float]) -> Iterator[tuple[str, float]]:
    """The threads that did something: the loop's first, then by what they spent."""
    yield "the event loop's thread", spent.pop(server.process.pid)
    for thread, seconds in sorted(spent.items(), key=lambda each: -each[1]):
        if seconds > 1e-6:
            yield f"thread {thread - server.process.pid}", seconds


def _layers(server: Running, level: int, samples: Path) -> dict[str, float]:
    command = [str(_PY_SPY), "record", "--pid", str(server.process.pid), "--gil", "--threads"]
    output = ["--rate", "400", "--duration", str(int(_SECONDS)), "--format", "raw"]
    sampling = subprocess.Popen(
        [*command, *output, "--output", str(samples)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(0.5)
    _loaded(server, level)
    sampling.wait()
    return _shares(samples.read_text())


def _shares(samples: str) -> dict[str, float]:
    found: Counter[str] = Counter()
    for line in samples.splitlines():
        stack, _, times = line.rpartition(" ")
        found[_layer_of(stack.split(";"))] += int(times)
    return {layer: times / found.total() for layer, times in found.most_common()}


def _layer_of(stack: list[str]) -> str:
    for thread, layer in _THREADS.items():
        if thread in stack[0]:
            return layer
    for frame in reversed(stack):
        for layer, pattern in _LAYERS.items():
            if re.search(pattern, frame):
                return _LOOP if "server.py" in frame or "cli.py" in frame else layer
    return _LOOP
