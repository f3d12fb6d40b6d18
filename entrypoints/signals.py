"""Being told to stop: before there is anything to stop, and while something is under way.

The first process of a container would be deaf without handlers of its own: from that the kernel
keeps a signal that nobody handles (pid_namespaces(7)).
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

_STOP: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def leaving_when_told(code: int = 0) -> Iterator[None]:
    """Exit with `code` when told to stop, until somebody else listens for that.

    Nothing was promised yet.
    """

    def leave(_: int, __: FrameType | None) -> NoReturn:
        # Not by an exception: one that is raised in a callback is written down, and nobody leaves.
        os._exit(code)

    before = {number: signal.signal(number, leave) for number in _STOP}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not signal.SIG_IGN:  # see below
                signal.signal(number, handler)


@contextmanager
def stopping_when_told(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` in the running event loop whenever told to stop; afterwards nobody listens.

    What is left then is to say what was done, in a moment, and it would be lost. The loop's own
    `add_signal_handler` is of no use: when the loop closes, a signal kills again.
    """
    loop = asyncio.get_running_loop()

    def pass_on(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)

    for number in _STOP:
        signal.signal(number, pass_on)
    try:
        yield
    finally:
        for number in _STOP:
            signal.signal(number, signal.SIG_IGN)
