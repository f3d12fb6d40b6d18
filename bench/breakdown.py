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
from bench.load import WARM_UP, Load, closed_loop
from bench.report import as_table
from bench.running import Running, running, upstream
from bench.work import Exchange

_PY_SPY: Final = ROOT / ".venv-bench/tools/bin/py-spy"
_SECONDS: Final = 8.0

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
_THREADS: Final = {
    "MainThread": "event loop's thread",
    "sqlite-writer": "SQLite writer's thread",
    "sqlite-checkpoints": "SQLite checkpoints' thread",
    "connection_worker": "SQLite reader's thread",
}


class _Thread(msgspec.Struct):
    os_thread_id: int
    thread_name: str | None = None


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
    asked = load.answered * (1 + WARM_UP)
    names = _names(server)
    spent = {thread: (cpu[thread] - before.get(thread, 0.0)) / asked for thread in cpu}
    return Breakdown(
        level=level,
        rate=load.rate,
        cpu={names[thread]: seconds * 1e6 for thread, seconds in spent.items() if thread in names},
        layers=_layers(server, level, samples),
    )


def _loaded(server: Running, level: int) -> Load:
    ledger.renew(server.database)
    return closed_loop(server.port, Exchange(), count(), level=level, seconds=_SECONDS)


def _cpu_by_thread(server: Running) -> dict[int, float]:
    return {each.id: each.user_time + each.system_time for each in server.process.threads()}


def _names(server: Running) -> dict[int, str]:
    """Its threads by the system's numbers, called as Python calls them."""
    dump = [str(_PY_SPY), "dump", "--json", "--pid", str(server.process.pid)]
    threads = msgspec.json.decode(subprocess.check_output(dump), type=list[_Thread])
    return {each.os_thread_id: _called(each.thread_name or "") for each in threads}


def _called(thread: str) -> str:
    for part, name in _THREADS.items():
        if part in thread:
            return name
    return thread


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
    if "MainThread" not in stack[0]:
        return _called(stack[0])
    for frame in reversed(stack):
        for layer, pattern in _LAYERS.items():
            if re.search(pattern, frame):
                return _LOOP if "server.py" in frame or "cli.py" in frame else layer
    return _LOOP


def table(breakdowns: list[Breakdown]) -> str:
    """The threads' CPU in microseconds, then what share each layer has of the interpreter."""
    head = ("", *(f"{each.level:,} in flight" for each in breakdowns))
    cpu = _lines([each.cpu for each in breakdowns], "{:,.0f} µs")
    layers = _lines([each.layers for each in breakdowns], "{:.1%}")
    return as_table(head, [*cpu, *layers])


def _lines(columns: list[dict[str, float]], form: str) -> Iterator[list[str]]:
    """A line for each name that any column has, in the order of the first that has it."""
    for name in dict.fromkeys(name for column in columns for name in column):
        yield [name, *(form.format(column.get(name, 0)) for column in columns)]
