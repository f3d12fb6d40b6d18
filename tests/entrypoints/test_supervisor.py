"""The process that looks after workers: whom it replaces, and how it ends."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import os, sys, time
from pathlib import Path
from entrypoints import log
from entrypoints.supervisor import Supervisor

log.configure()
once = Path(sys.argv[1])

def serve(worker):
    os.write(1, f"{{worker}} {{os.getpid()}}\\n".encode())  # at once, not in the pieces of print
    if worker == 1 and not once.exists():
        once.touch()
        {once}
    while True:
        time.sleep(0.05)  # a signal that comes just before a sleep does not end it

sys.exit(Supervisor(serve, workers=2, listeners=[], patience=2.0).run())
"""


@contextmanager
def supervising(
    once: str, folder: Path, program: str = PROGRAM
) -> Iterator[subprocess.Popen[str]]:
    """Two workers that wait to be told; number 1 does `once` when it starts for the first time."""
    with subprocess.Popen(
        [sys.executable, "-c", program.format(once=once), str(folder / "once")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def started(process: subprocess.Popen[str]) -> tuple[int, int]:
    """Number and process id of the next worker that starts."""
    assert process.stdout is not None
    worker, pid = process.stdout.readline().split()
    return int(worker), int(pid)


def log_of(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    assert process.stderr is not None
    return [json.loads(line) for line in process.stderr]


def test_each_worker_has_a_number_and_all_stop_when_told(tmp_path: Path) -> None:
    with supervising("pass", tmp_path) as process:
        assert {started(process)[0] for _ in range(2)} == {0, 1}
        process.terminate()

        assert process.wait(20) == 0
        assert log_of(process) == []


def test_told_while_its_workers_start_it_waits_for_all_of_them(tmp_path: Path) -> None:
    with supervising("pass", tmp_path) as process:
        started(process)
        process.terminate()

        assert process.stdout is not None
        process.stdout.read()  # to the end: nobody is left to write
        assert process.wait(20) == 0


def test_worker_that_cannot_start_stops_the_others_and_is_not_replaced(tmp_path: Path) -> None:
    with supervising("sys.exit(3)", tmp_path) as process:
        assert process.stdout is not None
        begun = process.stdout.read().splitlines()  # to the end: nobody is left to write

        assert process.wait(20) == 3
        assert len([line for line in begun if line.startswith("1 ")]) == 1
        assert log_of(process) == []


@pytest.mark.parametrize(
    ("once", "exit_code", "events"),
    [
        ("raise ValueError('of a patient')", 1, ["worker_failed", "worker_ended"]),
        ("sys.exit('of a patient')", 1, ["worker_ended"]),
        ("os.kill(os.getpid(), 9)", -9, ["worker_ended"]),
        ("sys.exit(0)", 0, ["worker_ended"]),
    ],
    ids=["fails", "exits with a word", "is killed", "ends"],
)
def test_worker_that_ends_by_itself_is_replaced_by_one_of_its_number(
    tmp_path: Path, once: str, exit_code: int, events: list[str]
) -> None:
    with supervising(once, tmp_path) as process:
        first = [started(process) for _ in range(2)]
        number, pid = started(process)
        process.terminate()

        assert process.wait(20) == 0
        logged = log_of(process)

    assert number == 1
    assert pid not in {each for _, each in first}
    assert [line["event"] for line in logged] == events
    assert logged[-1]["exit_code"] == exit_code
    assert "of a patient" not in json.dumps(logged)


def test_worker_that_hangs_is_killed_when_patience_ends(tmp_path: Path) -> None:
    with supervising("import signal; os.kill(os.getpid(), signal.SIGSTOP)", tmp_path) as process:
        workers = dict(started(process) for _ in range(2))
        while psutil.Process(workers[1]).status() != psutil.STATUS_STOPPED:
            time.sleep(0.01)
        process.terminate()

        assert process.wait(20) == 4
        assert not psutil.pid_exists(workers[1])


def test_orphan_that_is_left_to_the_supervisor_is_nobodys_worker(tmp_path: Path) -> None:
    """As to the first process of a container; here it asks for them (prctl(2))."""
    adopting = "import ctypes; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)"
    orphaned = "import subprocess; subprocess.run(['sh', '-c', 'sleep 0.2 &'])"
    program = PROGRAM.replace("sys.exit(Super", f"{adopting}\nsys.exit(Super")
    with supervising(f"{orphaned}; os.write(1, b'1 0\\n')", tmp_path, program) as process:
        for _ in range(3):
            started(process)
        while psutil.Process(process.pid).children(recursive=True)[2:]:
            time.sleep(0.01)
        process.terminate()

        assert process.wait(20) == 0


def test_processes_are_in_groups_of_their_own(tmp_path: Path) -> None:
    """So that a terminal's ^C is heard once: twice means at once."""
    with supervising("pass", tmp_path) as process:
        workers = [started(process)[1] for _ in range(2)]
        groups = {os.getpgid(pid) for pid in (process.pid, *workers)}

    assert len(groups) == 3


def test_worker_that_does_not_end_well_when_told_is_not_passed_over(tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, lambda *_: os._exit(4))"
    with supervising(f"{stubborn}; os.write(1, b'1 0\\n')", tmp_path) as process:
        for _ in range(3):  # the last line is of one that has become stubborn
            started(process)
        process.terminate()

        assert process.wait(20) == 4
