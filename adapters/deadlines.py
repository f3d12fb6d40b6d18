"""How long something may take, where much goes on at once and hardly any of it takes too long.

`asyncio.timeout` sets a timer for each use, and cancels it: in uvloop a handle of libuv's, made
and closed. Here one timer serves all, and wakes to compare (docs/adr/0016).
"""

import asyncio
from math import inf
from types import TracebackType
from typing import Self


class Deadlines:
    """For the uses of one adapter; each has a deadline of its own."""

    def __init__(self) -> None:
        self._set: set[_Deadline] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakes_at = inf

    def after(self, seconds: float) -> "_Deadline":
        """A context as `asyncio.timeout` is one, but entered without `async`.

        Raises:
            TimeoutError: what is done in it took longer, and was cancelled.

        """
        return _Deadline(self, seconds)

    def add(self, deadline: "_Deadline", loop: asyncio.AbstractEventLoop) -> None:
        self._set.add(deadline)
        if loop is not self._loop:
            self._loop, self._timer, self._wakes_at = loop, None, inf
        if deadline.at < self._wakes_at:
            self._sleep(loop, deadline.at)

    def remove(self, deadline: "_Deadline") -> None:
        self._set.discard(deadline)

    def _sleep(self, loop: asyncio.AbstractEventLoop, until: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._wakes_at = until
        self._timer = loop.call_at(until, self._wake, loop)

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, self._wakes_at = None, inf
        now = loop.time()
        for deadline in [each for each in self._set if each.at <= now]:
            self._set.remove(deadline)
            deadline.end()
        if self._set:
            self._sleep(loop, min(each.at for each in self._set))


class _Deadline:
    __slots__ = ("_cancelling", "_deadlines", "_has_passed", "_seconds", "_task", "at")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._seconds = seconds
        self._has_passed = False

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101  (only a task can be cancelled)
        self._task = task
        self._cancelling = task.cancelling()
        self.at = loop.time() + self._seconds
        self._deadlines.add(self, loop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self._deadlines.remove(self)
        if (
            self._has_passed
            # Somebody else may have cancelled the task too: that is for them to see.
            and self._task.uncancel() <= self._cancelling
            and kind is asyncio.CancelledError
        ):
            raise TimeoutError from error

    def end(self) -> None:
        self._has_passed = True
        self._task.cancel()
