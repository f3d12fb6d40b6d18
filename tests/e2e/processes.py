"""The installed command, as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Final

SAY_IMPORTS: Final = {"PYTHONPROFILEIMPORTTIME": "1"}  # Python itself does, on standard error
COMMAND: Final = str(Path(sys.executable).with_name("wearable-link"))


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A server that has said it is up; `greeting` is what it said.

    Its log goes to a file: a pipe that nobody reads would hold it up once it is full.
    """

    def __init__(self, arguments: tuple[str, ...], folder: Path, environ: dict[str, str]) -> None:
        log, name = mkstemp(suffix=".log", dir=folder)
        self._log = Path(name)
        self._process = subprocess.Popen(
            [COMMAND, *arguments],
            cwd=folder,
            env=_inherited() | environ,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        os.close(log)
        self.greeting = self._read_greeting()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written to standard error."""
        return self._log.read_text()

    @property
    def imported(self) -> set[str]:
        """What it has imported, by name; where its environment is `SAY_IMPORTS`."""
        lines = [line for line in self.log.splitlines() if line.startswith("import time:")]
        return {line.rpartition("|")[2].strip() for line in lines}

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._process.kill()
        self._process.communicate()

    def stop(self) -> None:
        """End it as who runs it would, unless it was killed: it has to end well."""
        if self._process.returncode is None:
            self.tell()
            assert self.exit_code() == 0, self.log

    def tell(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal, and do not wait for what it does."""
        self._process.send_signal(number)

    def exit_code(self) -> int:
        """How it ended; it has been told to."""
        self._process.communicate(timeout=20)
        return self._process.returncode

    def _read_greeting(self) -> str:
        assert self._process.stdout is not None
        lines: list[str] = []
        for line in self._process.stdout:
            lines.append(line)
            # The last line of each greeting: staging's, the simulator's, and the service's own.
            if line.startswith(("  -d ", "Serve with ", "Wearable Link on ")):
                return "".join(lines)
        self._process.wait()
        raise AssertionError(self.log)


def _inherited() -> dict[str, str]:
    """No setting of the one who runs the tests; coverage follows its own into the process."""
    return {
        name: value
        for name, value in os.environ.items()
        if name == "PATH" or name.startswith("COVERAGE")
    }


@contextmanager
def running(
    *arguments: str, folder: Path, environ: dict[str, str] | None = None
) -> Iterator[Process]:
    process = Process(arguments, folder, environ or {})
    try:
        yield process
    finally:
        process.stop()
