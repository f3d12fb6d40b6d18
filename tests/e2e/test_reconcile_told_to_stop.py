"""`wearable-link reconcile` that is told to stop says how far it came, and exits with 4."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.processes import COMMAND
from tests.entrypoints.beside import Records

INTERRUPTED = 4

signals = pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name
)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """With something to look at."""
    records = Records(tmp_path / "staging.db")
    records.link("anna")
    records.age(timedelta(days=1))
    return records


@contextmanager
def reconciling(environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    inherited = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    with subprocess.Popen(
        [COMMAND, "reconcile", "--staging", "--json"],
        env=inherited | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        try:
            yield command
        finally:
            command.kill()


@contextmanager
def reconciling_in_the_middle(records: Records) -> Iterator[subprocess.Popen[bytes]]:
    """It has asked, and Junction takes its time."""
    with socket.create_server(("127.0.0.1", 0)) as junction:
        environ = records.environ | {
            "JUNCTION_BASE_URL": f"http://127.0.0.1:{junction.getsockname()[1]}",
            "JUNCTION_DEADLINE_SECONDS": "50",
        }
        with reconciling(environ) as command:
            asked, _ = junction.accept()
            with asked:
                assert asked.recv(1)
                yield command


def assert_interrupted(command: subprocess.Popen[bytes]) -> None:
    told, complaints = command.communicate(timeout=20)
    assert (command.returncode, complaints) == (INTERRUPTED, b"")
    report = json.loads(told)
    assert (report["ending"], report["users"]) == ("interrupted", 0)


@signals
def test_before_it_begins_there_is_nothing_to_say(
    tmp_path: Path, records: Records, number: signal.Signals
) -> None:
    """It is reading its settings, one of which is long in coming."""
    secrets = tmp_path / "secrets"
    os.mkfifo(secrets)
    with reconciling(records.environ | {"JUNCTION_WEBHOOK_SECRETS_FILE": str(secrets)}) as command:
        coming = os.open(secrets, os.O_WRONLY)  # once it is opened there
        command.send_signal(number)
        assert command.communicate(timeout=20) == (b"", b"")
        os.close(coming)

    assert command.returncode == INTERRUPTED


@signals
def test_in_the_middle_it_says_how_far_it_came(records: Records, number: signal.Signals) -> None:
    with reconciling_in_the_middle(records) as command:
        command.send_signal(number)

        assert_interrupted(command)


@pytest.mark.parametrize("rest", [0.0, 0.001], ids=["at once", "again and again"])
@signals
def test_told_twice_it_still_says_so(
    records: Records, number: signal.Signals, rest: float
) -> None:
    """Down to its last moment, in which nobody listens any more."""
    with reconciling_in_the_middle(records) as command:
        command.send_signal(number)
        command.send_signal(signal.SIGINT)
        while rest and command.poll() is None:
            command.send_signal(number)
            time.sleep(rest)

        assert_interrupted(command)
