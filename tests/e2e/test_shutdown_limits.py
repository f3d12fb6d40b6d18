"""A process that is told to stop before it serves, or that cannot stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrypoints.server import UNFINISHED
from tests.e2e.processes import COMMAND, a_free_port

ROOT = Path(__file__).parents[2]

PROGRAM = """
import asyncio, sys
from entrypoints.listeners import listen
from entrypoints.server import Stopping, serve

async def app(scope, receive, send):
    assert scope["type"] == "lifespan"
    for step in ("startup", "shutdown"):
        await receive()
        print(step, flush=True)
        {step}
        await send({{"type": f"lifespan.{{step}}.complete"}})

def tell():
    print("told", flush=True)

stopping = Stopping(tell=tell, requests=0.1, goodbyes=0.1, flush=0.1)
serve(app, listeners=listen("127.0.0.1", {port}), greeting="greeting", stopping=stopping)
"""
WAIT_FOR_A_LINE = 'await asyncio.to_thread(sys.stdin.readline) if step == "startup" else None'
HANG = 'await asyncio.Event().wait() if step == "shutdown" else None'
BLOCK = 'import time; time.sleep(3600) if step == "shutdown" else None'
FAIL = 'assert step != "shutdown"'


@contextmanager
def program(step: str) -> Iterator[subprocess.Popen[str]]:
    """A server whose application does `step` whenever it starts or stops."""
    source = PROGRAM.format(step=step, port=a_free_port())
    with subprocess.Popen(
        [sys.executable, "-c", source],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_server_told_while_its_application_starts_never_says_that_it_is_up() -> None:
    with program(WAIT_FOR_A_LINE) as process:
        assert line_of(process) == "startup"
        process.terminate()
        assert line_of(process) == "told"  # at once, whatever else it does
        said, _ = process.communicate("go on\n", timeout=20)

    assert said == "told\nshutdown\n"
    assert process.returncode == 0


@pytest.mark.parametrize("step", [HANG, BLOCK], ids=["hangs", "blocks the loop"])
def test_server_whose_application_does_not_end_leaves_without_it(step: str) -> None:
    with program(step) as process:
        assert [line_of(process), line_of(process)] == ["startup", "greeting"]
        process.terminate()
        process.communicate(timeout=20)

    assert process.returncode == UNFINISHED


def test_server_whose_application_fails_to_end_says_so() -> None:
    with program(FAIL) as process:
        assert [line_of(process), line_of(process)] == ["startup", "greeting"]
        process.terminate()
        process.communicate(timeout=20)

    assert process.returncode == UNFINISHED


def open_once_read(fifo: Path) -> int:
    """Open it as soon as somebody else has opened it to read."""
    while True:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # ENXIO: nobody yet
            time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
@pytest.mark.parametrize("command", ["serve", "simulate-junction"])
def test_command_told_before_it_serves_ends_well(
    tmp_path: Path, command: str, number: signal.Signals
) -> None:
    # A file that is opened only once somebody writes to it: there the command stands still.
    name = {"serve": "var/staging.db.junction.jsonl"}.get(command, "var/simulate-junction.jsonl")
    fifo = tmp_path / name
    fifo.parent.mkdir()
    os.mkfifo(fifo)
    arguments = ("serve", "--staging") if command == "serve" else (command,)
    with subprocess.Popen(
        [COMMAND, *arguments, "--port", str(a_free_port())],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        writer = open_once_read(fifo)
        process.send_signal(number)
        os.close(writer)  # a signal that comes just before a read does not end it
        said, complained = process.communicate(timeout=20)

    assert (process.returncode, said, complained) == (0, "", "")
