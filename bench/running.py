"""Servers that are measured: on a core of their own, until they are told to end."""

import os
import random
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench.candidates import ROOT, Candidate

SERVERS_CORE: Final = 0
CLIENTS_CORE: Final = 1

_PATIENCE: Final = 30.0  # seconds
_PORTS: Final = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers; `database` is the file it keeps its rows in."""

    candidate: Candidate
    port: int
    database: Path
    process: psutil.Process

    def cpu_seconds(self) -> float:
        return sum(sum(each.cpu_times()[:2]) for each in self._family())

    def resident(self) -> int:
        """Bytes that it holds in memory; what its processes share counts once."""
        family = self._family()
        if len(family) == 1:
            return int(family[0].memory_info().rss)
        return sum(int(each.memory_full_info().pss) for each in family)

    def _family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def keep_to_the_clients_core() -> None:
    """For the process that asks: the servers' core is theirs. Each connection is a file."""
    os.sched_setaffinity(0, {CLIENTS_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextmanager
def upstream(*, delay: float) -> Iterator[str]:
    """The stub, on the clients' core."""
    port = _free_port()
    command = (sys.executable, "-m", "bench.upstream", "--port", str(port), "--delay", str(delay))
    with _process(command, core=CLIENTS_CORE, environment=os.environ, log=None) as process:
        _until_it_answers(process, port)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(candidate: Candidate, database: Path, junction: str) -> Iterator[Running]:
    """`candidate` over a database that was filled before."""
    port = _free_port()
    with _process(
        candidate.command(port),
        core=SERVERS_CORE,
        environment=candidate.environment(str(database), junction),
        log=database.with_suffix(".log"),
    ) as process:
        _until_it_answers(process, port)
        yield Running(candidate, port, database, psutil.Process(process.pid))


@contextmanager
def _process(
    command: Sequence[str], *, core: int, environment: Mapping[str, str], log: Path | None
) -> Iterator[subprocess.Popen[bytes]]:
    taskset = ("taskset", "--cpu-list", str(core))
    with open(log or os.devnull, "wb") as output:  # noqa: PTH123  (either is a path)
        process = subprocess.Popen(
            (*taskset, *command), cwd=ROOT, env=dict(environment), stdout=output, stderr=output
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    """Any answer will do. Who listens may still be starting."""
    ends = time.perf_counter() + _PATIENCE
    while process.poll() is None and time.perf_counter() < ends:
        with socket.socket() as client, suppress(ConnectionError, TimeoutError):
            client.settimeout(_PATIENCE)
            client.connect(("127.0.0.1", port))
            client.sendall(b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            if client.recv(1):
                return
        time.sleep(0.005)
    raise SystemExit(f"no answer: {process.args!r}")


def _free_port() -> int:
    """Below those that the system lends to clients: one of them could connect to itself."""
    for port in random.sample(_PORTS, k=len(_PORTS)):
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise SystemExit("no free port")
