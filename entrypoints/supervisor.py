"""Several processes that serve on one socket, and this one, which looks after them.

They are forked, so that what all of them need is imported once, and held once in memory.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, NoReturn

import structlog

from entrypoints.server import UNFINISHED
from entrypoints.signals import leaving_when_told

_STOP: Final = frozenset({signal.SIGINT, signal.SIGTERM})
_HEARD: Final = _STOP | {signal.SIGCHLD, signal.SIGALRM}
_CANNOT_START: Final = 3  # uvicorn's exit code, which the next one would end with too
_AT_ONCE: Final = 1.0  # seconds that are left to those who are told for the second time
_SOON: Final = 1.0  # seconds: no process of a number begins to serve more often

_log: Final = structlog.get_logger()


class Supervisor:
    """`serve` is run in each process, and given its number, from 0. All share the `listeners`.

    A process that ends is replaced, unless it says (3) that it could not start. A signal to stop
    is passed on, a second one too; who has not stopped after `patience`, in seconds, is killed.
    Processes stop by themselves when this one is gone.
    """

    def __init__(
        self,
        serve: Callable[[int], None],
        *,
        workers: int,
        listeners: list[socket.socket],
        patience: float,
    ) -> None:
        self._serve = serve
        self._workers = workers
        self._patience = patience
        self._listeners = listeners
        self._running: dict[int, tuple[int, float]] = {}
        self._stopping = False
        self._exit_code = 0
        self._alive, self._our_end = os.pipe()

    def run(self) -> int:
        """The exit code: 0 once all were told to stop and did, else of the first that did not."""
        # Blocked, and taken one at a time: none finds us in the middle of something.
        signal.signal(signal.SIGCHLD, lambda *_: None)  # else some systems would not keep it
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        for worker in range(self._workers):
            self._start(worker)
        while self._running:
            heard = signal.sigwait(_HEARD)
            if heard in _STOP:
                self._stop()
            elif heard is signal.SIGALRM:
                self._tell(signal.SIGKILL)
            self._reap()
        return self._exit_code

    def _start(self, worker: int, *, delay: float = 0.0) -> None:
        pid = _fork()
        if pid == 0:
            self._be(worker, delay)
        self._running[pid] = worker, time.monotonic()

    def _stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, _AT_ONCE if self._stopping else self._patience)
        self._stopping = True
        for listener in self._listeners:
            listener.close()  # kept for processes to come; the others close theirs in their turn
        self._tell(signal.SIGTERM)

    def _tell(self, number: signal.Signals) -> None:
        for pid in self._running:  # also those who have ended, for they are not yet reaped
            os.kill(pid, number)

    def _reap(self) -> None:
        """Hear of all who have ended: a signal tells of one at least."""
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            if pid in self._running:  # else it was left to the first process of a container
                worker, began = self._running.pop(pid)
                self._replace(worker, began, os.waitstatus_to_exitcode(status))

    def _replace(self, worker: int, began: float, exit_code: int) -> None:
        if self._stopping:
            self._exit_code = self._exit_code or (exit_code if exit_code >= 0 else UNFINISHED)
        elif exit_code == _CANNOT_START:
            self._exit_code = exit_code
            self._stop()
        else:
            with suppress(OSError):  # a log that cannot be written must not end the service
                _log.error("worker_ended", exit_code=exit_code)
            self._start(worker, delay=max(0.0, began + _SOON - time.monotonic()))

    def _be(self, worker: int, delay: float) -> NoReturn:
        code: object = 1
        try:
            os.setpgid(0, 0)  # a terminal's ^C is for the supervisor, who passes it on
            os.close(self._our_end)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            with leaving_when_told():
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
                threading.Thread(target=self._stop_when_alone, daemon=True).start()
                time.sleep(delay)
                self._serve(worker)
            code = 0
        except SystemExit as end:
            code = end.code or 0
        except Exception as error:  # noqa: BLE001  (a process's outermost)
            _log.error("worker_failed", exc_info=error)
        finally:
            sys.stdout.flush()
            os._exit(code if isinstance(code, int) else 1)

    def _stop_when_alone(self) -> None:
        os.read(self._alive, 1)  # nothing is ever written: it ends when the supervisor does
        os.kill(os.getpid(), signal.SIGTERM)


def _fork() -> int:
    """Raises OSError: there is no room for another process, and we are told to stop."""
    while True:
        try:
            return os.fork()
        except OSError:  # no memory, or too many processes: there may soon be room
            if signal.sigpending() & _STOP:
                raise
            time.sleep(_SOON)
