"""One writer that commits everything that waits, together.

There is no timer: a batch is what piled up while the one before was being committed, and where
there is company at all, whoever comes within the next turns of the event loop (docs/adr/0018). A
caller only awaits a future, so one who goes away cancels nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from domain.errors import StorageUnavailable
from ports.figures import Distribution

W = TypeVar("W")
R = TypeVar("R")

Commit = Callable[[Sequence[W]], Awaitable[Sequence[R | Exception]]]

_MOST: Final = 256  # writes of one transaction
_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, _MOST)
_QUIET: Final = 16  # turns of the event loop that brought nobody: who was on the way is here
_TURNS: Final = 32  # to wait at most, so that a stream of writes does not hold up the first
_MOST_WAITING: Final = 4096  # a few MB: more wait only behind a commit that does not end


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[W, R]):
    write: W
    outcome: "asyncio.Future[R]"

    def settle(self, outcome: R | Exception) -> None:
        if self.outcome.cancelled():  # the caller went away; the write stays
            return
        if isinstance(outcome, Exception):
            self.outcome.set_exception(outcome)
        else:
            self.outcome.set_result(outcome)


class GroupCommit(Generic[W, R]):
    """`commit` stores a batch in one transaction and gives an outcome for each write.

    If it raises `StorageUnavailable` they all fail with it. If it raises anything else the writes
    are tried again one by one, so that one of them cannot fail the others.
    """

    def __init__(self, commit: Commit[W, R]) -> None:
        self._commit = commit
        self._waiting: list[_Waiting[W, R]] = []
        self._arrived = asyncio.Event()
        self._closing = False
        self._began: float | None = None
        self.batches = Distribution(*_SIZES)
        self.failed = 0

    @property
    def under_way(self) -> float:
        """For how many seconds the commit that is under way has been; 0 if none is."""
        return 0.0 if self._began is None else asyncio.get_running_loop().time() - self._began

    @property
    def waiting_count(self) -> int:
        return len(self._waiting)

    async def submit(self, write: W) -> R:
        """The outcome of `write`, once it is durable. A caller who is cancelled cancels nothing.

        Raises:
            StorageUnavailable: it came after `close`, or too many wait already.

        """
        if self._closing or len(self._waiting) >= _MOST_WAITING:
            raise StorageUnavailable
        waiting: _Waiting[W, R] = _Waiting(write, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.outcome

    def close(self) -> None:
        """Let `run` end when nothing waits any more."""
        self._closing = True
        self._arrived.set()

    async def run(self) -> None:
        """Commit batches until closed."""
        size = 0
        while True:
            await self._arrived.wait()
            while self._waiting:
                if max(size, len(self._waiting)) > 1:
                    await self._let_others_come()
                batch = self._waiting[:_MOST]
                del self._waiting[:_MOST]
                size = len(batch)
                self._began = asyncio.get_running_loop().time()
                await self._settle(batch)
                self._began = None
            if self._closing:
                return
            self._arrived.clear()

    async def _let_others_come(self) -> None:
        quiet = 0
        for _ in range(_TURNS):
            count = len(self._waiting)
            await asyncio.sleep(0)
            quiet = quiet + 1 if len(self._waiting) == count else 0
            if quiet == _QUIET:
                return

    async def _settle(self, batch: Sequence[_Waiting[W, R]]) -> None:
        try:
            outcomes = await self._commit([waiting.write for waiting in batch])
        except StorageUnavailable as error:
            self.failed += 1
            if self._closing:  # those behind would each wait as long, and in vain
                batch, self._waiting = [*batch, *self._waiting], []
            for waiting in batch:
                waiting.settle(error)
        except Exception as error:  # noqa: BLE001  (the writer outlives whatever a write does)
            self.failed += 1
            if len(batch) == 1:
                batch[0].settle(error)
                return
            for waiting in batch:
                await self._settle([waiting])
        else:
            self.batches.add(len(batch))
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.settle(outcome)
