"""One call at a time for each key: who asks meanwhile shares the answer."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class SingleFlight(Generic[K, R]):
    """Calls under way, by key. An error is shared like an answer; neither is kept afterwards."""

    def __init__(self) -> None:
        self._under_way: dict[K, asyncio.Future[R]] = {}

    async def share(self, key: K, call: Callable[[], Awaitable[R]]) -> R:
        """The answer of the call under way for `key`, or of `call` if there is none.

        A caller who is cancelled stops waiting; the call itself goes on for the others.
        """
        return await asyncio.shield(self.begin(key, call))

    def begin(self, key: K, call: Callable[[], Awaitable[R]]) -> "asyncio.Future[R]":
        """The same without waiting; nobody has to."""
        flight = self._under_way.get(key)
        if flight is None:
            flight = self._under_way[key] = asyncio.ensure_future(call())
            flight.add_done_callback(partial(self._land, key))
        return flight

    def _land(self, key: K, flight: asyncio.Future[R]) -> None:
        del self._under_way[key]
        if not flight.cancelled():
            flight.exception()  # seen, even if all who waited have left
