"""The installed command, as a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

COMMAND: Final = str(Path(sys.executable).with_name("wearable-link"))


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """A server that has said it is up; `greeting` is what it said.

    `log` is what it wrote to standard error, once it is stopped.
    """

    log = ""

    def __init__(self, arguments: tuple[str, ...], folder: Path, environ: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [COMMAND, *arguments],
            cwd=folder,
            env=_inherited() | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.greeting = self._read_greeting()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._process.kill()
        self._process.communicate()

    def stop(self) -> None:
        self._process.terminate()
        _, self.log = self._process.communicate(timeout=20)

    def _read_greeting(self) -> str:
        assert self._process.stdout is not None
        lines: list[str] = []
        for line in self._process.stdout:
            lines.append(line)
            # The last line of each greeting: staging's, the simulator's, and the service's own.
            if line.startswith(("  -d ", "Serve with ", "Wearable Link on ")):
                return "".join(lines)
        raise AssertionError(self._process.communicate()[1])


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
