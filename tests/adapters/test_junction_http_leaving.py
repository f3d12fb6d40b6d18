"""Callers who leave before Junction has answered."""

import asyncio
from datetime import timedelta

import pytest

from adapters.clock import FixedClock
from adapters.junction.http import HttpJunctionGateway
from domain.junction_errors import JunctionUnavailable
from tests.adapters.upstream import BY, Behaviour, hang, junction, reply
from tests.builders import ANNAS_USER, NOW

LISTED = reply(200, {"providers": []})
MOST_CONNECTIONS = 512


async def leave(gateway: HttpJunctionGateway, arrived: asyncio.Event) -> None:
    call = asyncio.create_task(gateway.list_providers(ANNAS_USER, by=BY))
    await arrived.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_callers_who_leave_take_their_connections_along() -> None:
    """More than there may be connections: one that stayed behind each time would block the next.

    And more than it takes to open the circuit, if they counted.
    """
    arrived = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await hang(reader, writer)  # until the client has closed it

    answers: list[bytes | Behaviour] = [*[say_nothing] * (MOST_CONNECTIONS + 1), LISTED]
    async with junction(*answers) as (gateway, served):
        for _ in range(MOST_CONNECTIONS + 1):
            arrived.clear()
            await leave(gateway, arrived)

        assert await gateway.list_providers(ANNAS_USER, by=BY) == []

    assert len(served.received) == MOST_CONNECTIONS + 2


async def test_caller_who_leaves_while_junction_is_being_probed_makes_room() -> None:
    clock = FixedClock(NOW)
    arrived = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await hang(reader, writer)

    answers: list[bytes | Behaviour] = [*[reply(501, b"")] * 20, say_nothing, LISTED]
    async with junction(*answers, clock=clock) as (gateway, served):
        for _ in range(20):
            with pytest.raises(JunctionUnavailable):
                await gateway.list_providers(ANNAS_USER, by=BY)
        with pytest.raises(JunctionUnavailable) as refusal:
            await gateway.list_providers(ANNAS_USER, by=BY)
        assert refusal.value.retry_after == 5
        assert len(served.received) == 20

        clock.advance(timedelta(seconds=5))
        await leave(gateway, arrived)
        assert await gateway.list_providers(ANNAS_USER, by=BY) == []


async def test_caller_who_leaves_between_two_attempts_sends_no_more() -> None:
    waiting = asyncio.Event()

    class Endless(FixedClock):
        async def sleep(self, _: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

    async with junction(reply(503, b""), clock=Endless(NOW)) as (gateway, served):
        await leave(gateway, waiting)

    assert len(served.received) == 1
