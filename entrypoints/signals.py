"""Being told to stop while there is nothing yet to stop."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, NoReturn

_STOP: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def leaving_when_told() -> Iterator[None]:
    """Exit with 0 when told to stop, until the server listens for that itself.

    Nothing was promised yet. And the first process of a container would be deaf: from that the
    kernel keeps a signal that nobody handles (pid_namespaces(7)).
    """
    before = {number: signal.signal(number, _leave) for number in _STOP}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(_: int, __: FrameType | None) -> NoReturn:
    # Not by an exception: one that is raised in a callback is written down, and nobody leaves.
    os._exit(0)
