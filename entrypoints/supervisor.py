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
from types import FrameType
from typing import Final, NoReturn

import structlog

from entrypoints.signals import leaving_when_told

_STOP: Final = frozenset({signal.SIGINT, signal.SIGTERM})
_CANNOT_START: Final = 3  # uvicorn's exit code, which the next one would end with too
_SOON: Final = 1.0  # seconds: one that lives no longer is not started again at once

_log: Final = structlog.get_logger()


class Supervisor:
    """`serve` is run in each process, and given its number, from 0. All share the `listeners`.

    A process that ends is replaced, unless it could not even start. A signal to stop is passed
    on, a second one too. Processes stop by themselves when this one is gone.
    """

    def __init__(
        self, serve: Callable[[int], None], *, workers: int, listeners: list[socket.socket]
    ) -> None:
        self._serve = serve
        self._workers = workers
        self._listeners = listeners
        self._running: dict[int, tuple[int, float]] = {}
        self._stopping = False
        self._alive, self._our_end = os.pipe()

    def run(self) -> int:
        """The exit code: 0 once all were told to stop and did, else of the first that did not."""
        for number in _STOP:
            signal.signal(number, self._on_signal)
        for worker in range(self._workers):
            self._start(worker)
        code = 0
        while self._running:
            pid, status = os.wait()
            worker, began = self._running.pop(pid)
            ended = os.waitstatus_to_exitcode(status)
            if self._stopping:
                code = code or abs(ended)
            elif ended == _CANNOT_START:
                code = ended
                self._stop()
            else:
                _log.error("worker_ended", exit_code=ended)
                self._start_again(worker, began)
        return code

    def _start_again(self, worker: int, began: float) -> None:
        if time.monotonic() - began < _SOON:
            time.sleep(_SOON)
        if not self._stopping:
            self._start(worker)

    def _start(self, worker: int) -> None:
        # Until each of the two knows which it is, a signal would reach the wrong one's children.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
        pid = os.fork()
        if pid == 0:
            self._be(worker)
        self._running[pid] = worker, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)

    def _be(self, worker: int) -> NoReturn:
        code: object = 1
        try:
            os.setpgid(0, 0)  # a terminal's ^C is for the supervisor, who passes it on
            os.close(self._our_end)
            with leaving_when_told():
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
                threading.Thread(target=self._stop_when_alone, daemon=True).start()
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

    def _on_signal(self, _: int, __: FrameType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        self._stopping = True
        for listener in self._listeners:
            listener.close()  # kept for processes to come; the others close theirs in their turn
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
