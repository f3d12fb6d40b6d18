"""A program of its own: kill a process while SQLite writes, which takes it microseconds.

    python -S aim.py PID commit|checkpoint PATH SECONDS

What is written is read off the files (sqlite.org, walformat). With the time up it kills anyway.
"""

import os
import signal
import struct
import sys
import time
from typing import Final

_HEADER: Final = 32  # bytes of the log before its first frame
_FRAME: Final = 24  # bytes of a frame before its page
_NUMBER: Final = struct.Struct("=I")
_COMMITTED_AT: Final = 16  # in the index: frames of whole commits
_DONE_AT: Final = 96  # in the index: frames that checkpoints have copied
_ATTEMPTED_AT: Final = 128  # in the index: frames that they set out to copy


class Files:
    def __init__(self, path: str) -> None:
        self._log = os.open(f"{path}-wal", os.O_RDONLY)
        self._index = os.open(f"{path}-shm", os.O_RDONLY)
        (self._page,) = struct.unpack(">I", os.pread(self._log, 4, 8))
        self._next = (-1, b"")

    def show_a_commit(self) -> bool:
        """Where the next commit will begin, something was written since the last look."""
        at = _HEADER + self._number(_COMMITTED_AT) * (_FRAME + self._page)
        (before, content), self._next = self._next, (at, os.pread(self._log, _FRAME, at))
        return self._next[0] == before and self._next[1] != content

    def show_a_checkpoint(self) -> bool:
        return self._number(_DONE_AT) < self._number(_ATTEMPTED_AT)

    def _number(self, at: int) -> int:
        number: int
        (number,) = _NUMBER.unpack(os.pread(self._index, _NUMBER.size, at))
        return number


def main(pid: int, what: str, path: str, seconds: float) -> None:
    files = Files(path)
    shown = files.show_a_commit if what == "commit" else files.show_a_checkpoint
    late = time.monotonic() + seconds
    while not shown() and time.monotonic() < late:
        pass
    os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]))
