"""What asks: in turn, or whoever else is being served."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from socket import create_connection

import pytest

from bench.load import closed_loop
from bench.open_loop import open_loop
from tests.postgresql import a_free_port

ASKED = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
DELAY = 0.05


class Asking:
    def __init__(self, wrong: str | None = None) -> None:
        self.wrong = wrong

    def request(self, n: int) -> bytes:  # noqa: ARG002  (work's)
        return ASKED

    def fault(self, n: int, status: bytes, body: bytes) -> str | None:  # noqa: ARG002  (work's)
        return self.wrong if status == b"200" and body.endswith(b"}") else "not the stub's"


@pytest.fixture(scope="module")
def stub() -> Iterator[int]:
    """It answers each request after a while, however many there are."""
    port = a_free_port()
    command = (sys.executable, "-m", "bench.upstream", "--port", str(port), "--delay", str(DELAY))
    with subprocess.Popen(command) as process:
        for _ in range(500):
            with suppress(OSError), create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.02)
        yield port
        process.terminate()


def test_closed_loop_asks_when_it_is_answered(stub: int) -> None:
    numbers = count()
    load = closed_loop(stub, Asking(), numbers, level=2, seconds=0.5)

    assert not load.faults
    assert min(load.latencies) >= DELAY * 0.9
    # Each connection in turn: no more than there is time for, before and while it counts.
    assert load.answered <= 2 * 0.5 / DELAY + 2


def test_open_loop_asks_when_it_is_time_to(stub: int) -> None:
    asked = []
    for _ in range(2):
        numbers = count()
        load = open_loop(stub, Asking(), numbers, level=200, seconds=0.5)
        asked.append(next(numbers))

        assert not load.faults
        # Two hundred a second, of which each takes a twentieth: ten at once, or this were less.
        assert load.answered > 3 * 0.5 / DELAY

    assert asked[0] == asked[1]


@pytest.mark.parametrize(("wrong", "counted"), [("503", "refused"), ("another", "faults")])
def test_what_is_wrong_is_counted_apart(stub: int, wrong: str, counted: str) -> None:
    for load_of in (closed_loop, open_loop):
        load = load_of(stub, Asking(wrong), count(), level=20, seconds=0.2)

        assert load.answered == 0
        assert load.refused if counted == "refused" else load.faults[wrong]
