"""Clients that hang up on a disconnect: what was asked of Junction is recorded all the same."""

import asyncio

import pytest

from tests.adapters.sqlite_files import execute
from tests.http.gated import LIST, Linking, exchange
from tests.http.hanging_up import (
    ENDINGS,
    a_commit_that_waits,
    hang_up,
    held,
    is_left,
    is_let_go,
)


def a_disconnect(connection_id: str) -> bytes:
    return (
        b"DELETE /v1/wearables/connections/%b HTTP/1.1\r\nHost: a\r\n"
        b"Authorization: Bearer staging.anna\r\nConnection: close\r\n\r\n" % connection_id.encode()
    )


async def linked(service: Linking) -> tuple[str, str]:
    """The id of a connection of Anna's, and the path of its end at Junction."""
    answer = await service.edge.ask(exchange("anna", await service.mint("anna")))
    assert answer.json["status"] == "connected"
    return answer.json["id"], f"/v2/user/{answer.json['junction_user_id']}/oura"


def outcomes(service: Linking) -> list[tuple[str, str]]:
    return execute(service.path, "SELECT cause, outcome FROM connection_events ORDER BY id")


LINKED = ("exchange", "connected")
ENDED = ("disconnect", "disconnected")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("step", ["deregister", "look"])
async def test_disconnect_cut_while_junction_is_asked_is_done_all_the_same(
    service: Linking, step: str, ending: str
) -> None:
    connection_id, deregister = await linked(service)
    before = await held(service)
    service.gate.shut(deregister if step == "deregister" else LIST)
    async with service.edge.peer() as peer:
        await peer.send(a_disconnect(connection_id))
        await service.gate.is_reached()
        await hang_up(peer, ending)
        await is_left(service)
        assert outcomes(service) == [LINKED]
        service.gate.open()
    await is_let_go(service, before)

    assert outcomes(service) == [LINKED, ENDED]
    assert service.gate.passed.count(deregister) == 1


@pytest.mark.parametrize("ending", ENDINGS)
async def test_disconnect_cut_while_it_is_committed_is_done_all_the_same(
    service: Linking, ending: str
) -> None:
    connection_id, deregister = await linked(service)
    before, reads = await held(service), service.reads()
    with a_commit_that_waits(service.path):
        async with service.edge.peer() as peer:
            await peer.send(a_disconnect(connection_id))
            while service.reads() == reads:  # noqa: ASYNC110  (what follows is the commit)
                await asyncio.sleep(0.001)
            await hang_up(peer, ending)
            await is_left(service)
        assert outcomes(service) == [LINKED]
    await is_let_go(service, before)

    assert outcomes(service) == [LINKED, ENDED]
    assert service.gate.passed.count(deregister) == 1


@pytest.mark.parametrize("ending", ENDINGS)
async def test_disconnect_cut_at_any_byte_does_nothing_and_works_when_it_comes_whole(
    service: Linking, ending: str
) -> None:
    connection_id, deregister = await linked(service)
    whole = a_disconnect(connection_id)
    before = await held(service)
    for length in {*range(0, len(whole), 5), len(whole) - 1}:
        async with service.edge.peer() as peer:
            await peer.send(whole[:length])
            await hang_up(peer, ending)
    await is_let_go(service, before)
    assert outcomes(service) == [LINKED]
    assert deregister not in service.gate.passed

    async with service.edge.peer() as peer:
        await peer.send(whole)
        assert (await peer.reader.read()).startswith(b"HTTP/1.1 204 ")
    assert outcomes(service) == [LINKED, ENDED]
