"""`make count`: what an exchange alone costs in instructions and in system calls.

Unlike times they are the same whatever else the machine does (docs/adr/0017). Counted of a service
that does a few exchanges and of one that does many; the difference is theirs alone.
"""

import argparse
import re
import shutil
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from http.client import HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil

from bench.candidates import service
from bench.running import upstream
from bench.work import Exchange

_COMMAND: Final = (sys.executable, str(Path(sys.executable).with_name("wearable-link")))
_FEW: Final = 100  # exchanges: by then whatever is made once has been made
_SHOWN: Final = 12  # system calls, those that are made most often

_INSTRUCTIONS: Final = re.compile(r"I\s+refs:\s+([\d,]+)")
_CALLS: Final = re.compile(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:\d+ +)?(\w+)$", re.MULTILINE)

_WORK: Final = Exchange()


def instructions(out: Path) -> tuple[Sequence[str], Callable[[], Counter[str]]]:
    """The command before ours, and how to read what it has written to `out`."""

    def read() -> Counter[str]:
        found = _INSTRUCTIONS.search(out.read_text())
        assert found
        return Counter({"instructions": int(found[1].replace(",", ""))})

    cachegrind = ("--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
    return ("valgrind", *cachegrind, f"--log-file={out}"), read


def system_calls(out: Path) -> tuple[Sequence[str], Callable[[], Counter[str]]]:
    """As `instructions`; of every thread."""

    def read() -> Counter[str]:
        called = _CALLS.findall(out.read_text())  # the last of them is their total
        return Counter({name: int(count) for count, name in called})

    return ("strace", "--follow-forks", "--summary-only", f"--output={out}"), read


def main() -> int:
    parser = argparse.ArgumentParser(prog="count", description=__doc__)
    parser.add_argument("--exchanges", default=1000, type=int)
    options = parser.parse_args()
    if missing := [each for each in ("valgrind", "strace") if shutil.which(each) is None]:
        print(f"not installed: {', '.join(missing)} (Debian's packages have these names)")
        return 2
    with TemporaryDirectory(prefix="count-") as folder, upstream(delay=0) as junction:
        filled = Path(folder) / "filled.db"
        service().fill(filled)
        for counter in (instructions, system_calls):
            few, many = (
                _counted(counter, filled, junction, count)
                for count in (_FEW, _FEW + options.exchanges)
            )
            for name, count in (many - few).most_common(_SHOWN):
                print(f"{name:16} {count / options.exchanges:12,.1f} an exchange", flush=True)
    return 0


def _counted(
    counter: Callable[[Path], tuple[Sequence[str], Callable[[], Counter[str]]]],
    filled: Path,
    junction: str,
    exchanges: int,
) -> Counter[str]:
    """What a service counts from its start, over that many exchanges, to its end."""
    database = filled.with_name("counted.db")
    for left in filled.parent.glob("counted.db*"):
        left.unlink()
    shutil.copy(filled, database)
    wrapped, read = counter(filled.with_name("counts"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(
        (*wrapped, *_COMMAND, "serve", "--staging", "--port", str(port)),
        env={**service().environment(str(database), junction), "PYTHONHASHSEED": "0"},
        cwd=filled.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _until_it_serves(process)
        _ask(port, exchanges)
    finally:
        traced = psutil.Process(process.pid)
        for each in traced.children() or [traced]:  # strace's child is the service
            each.terminate()
        process.wait()
    return read()


def _until_it_serves(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("  -d "):  # the last of the greeting
            return
    raise SystemExit("the service does not start")


def _ask(port: int, exchanges: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for n in range(exchanges):
            client.sendall(_WORK.request(n))
            response = HTTPResponse(client)
            response.begin()
            fault = _WORK.fault(n, str(response.status).encode(), response.read())
            assert fault is None, fault


if __name__ == "__main__":
    sys.exit(main())
