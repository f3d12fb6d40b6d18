"""An event loop that can be struck after so many steps of the program."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from typing import TypeVarTuple, Unpack

Ts = TypeVarTuple("Ts")


class SteppingLoop(asyncio.SelectorEventLoop):
    """Whatever goes on in a program of tasks goes through `call_soon`: so that is a step.

    Counted are steps, not seconds, so that the same moment comes again.
    """

    _left = -1
    _strike: Callable[[], None]

    def strike_after(self, steps: int, strike: Callable[[], None]) -> None:
        self._left = steps
        self._strike = strike

    def spare(self) -> bool:
        """Whether there was still to be a strike; there will be none."""
        spared = self._left >= 0
        self._left = -1
        return spared

    def call_soon(
        self,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.Handle:
        if self._left >= 0:
            self._left -= 1
            if self._left < 0:
                self._strike()
        return super().call_soon(callback, *args, context=context)
