"""The installed command as a process that may die at any moment, also while it starts."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from tests.e2e.processes import COMMAND

_PATIENCE: Final = 30.0  # seconds, for a start or an end
# The last line of each greeting.
_GREETINGS: Final = (b"  -d ", b"Serve with ")


class Server:
    """Its log is in a file of `folder`, from its own start only."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process = process
        self._log = log
        self._greeting = asyncio.create_task(self._is_greeted())

    @classmethod
    async def start(cls, *arguments: str, folder: Path, environ: dict[str, str]) -> Self:
        log = folder / f"{arguments[0]}.log"
        # No setting of the one who runs this, and no coverage: a kill would lose what it saw.
        inherited = {"PATH": os.environ["PATH"]}
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                COMMAND,
                *arguments,
                cwd=folder,
                env=inherited | environ,
                stdout=PIPE,
                stderr=errors,
            )
        return cls(process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def is_starting(self) -> bool:
        """Neither up yet nor ended."""
        return not self._greeting.done()

    async def is_up(self) -> bool:
        """Once it has said so; it is not, if it ended before."""
        return await asyncio.wait_for(asyncio.shield(self._greeting), _PATIENCE)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    async def kill(self) -> bool:
        """End it with SIGKILL, and wait until it is gone; False if it had ended by itself."""
        self._send(signal.SIGKILL)
        code = await asyncio.wait_for(self._process.wait(), _PATIENCE)
        await self._greeting
        return code == -9

    def _send(self, number: signal.Signals) -> None:
        """Not by way of asyncio, which looks first whether the process has ended by itself.

        Where another process was faster to kill it, that look would take its exit code along.
        """
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def _is_greeted(self) -> bool:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if line.startswith(_GREETINGS):
                return True
        return False
