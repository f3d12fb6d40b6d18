"""Faults that end with the first request that meets them."""

import asyncio
from typing import Any

import pytest

from tests.adapters.upstream import reply, reset
from tests.faults.proxy import Fault, FaultProxy, Unheard, Withheld


def too_many_requests() -> Fault:
    return Withheld(reply(429, b"", "Retry-After: 1"))


def refused_once(monkeypatch: pytest.MonkeyPatch) -> Fault:
    """The proxy hears nothing of who is refused; the event loop does."""

    async def refuse(proxy: FaultProxy) -> None:
        loop = asyncio.get_running_loop()
        connect = loop.sock_connect

        async def sock_connect(*arguments: Any) -> None:
            try:
                await connect(*arguments)
            except ConnectionRefusedError:
                await proxy.mend()
                raise

        monkeypatch.setattr(loop, "sock_connect", sock_connect)
        proxy.port.refuse()

    return Unheard(refuse)


def reset_once() -> Fault:
    async def reset_the_first(proxy: FaultProxy) -> None:
        async def mend_and_reset(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await proxy.mend()
            await reset(reader, writer)

        await proxy.port.serve(mend_and_reset)

    return Unheard(reset_the_first)
