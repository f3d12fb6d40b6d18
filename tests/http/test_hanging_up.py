"""Clients that hang up on an exchange: nothing half-written, nothing kept of theirs."""

import asyncio

import pytest

from tests.adapters.sqlite_files import counted
from tests.http.gated import LIST, Linking, exchange
from tests.http.hanging_up import (
    ENDINGS,
    a_commit_that_waits,
    a_mint,
    hang_up,
    held,
    is_left,
    is_let_go,
    send_and_hang_up,
    tokens_of,
)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_request_cut_at_any_byte_does_nothing_and_leaves_nothing(
    service: Linking, ending: str
) -> None:
    token = await service.mint("anna")
    before = await held(service)
    calls = len(service.gate.passed)
    for whole in (exchange("anna", token), a_mint("ben")):
        head = whole.index(b"\r\n\r\n") + 4
        for length in {*range(0, len(whole), 3), head, len(whole) - 1}:
            await send_and_hang_up(service, whole[:length], ending)
    await is_let_go(service, before)

    assert counted(service.path) == (0, 0, 0)
    assert tokens_of(service.path, "ben") == 0
    assert len(service.gate.passed) == calls
    assert (await service.edge.ask(exchange("anna", token))).status == 201
    assert (await service.edge.ask(a_mint("ben"))).status == 201


@pytest.mark.parametrize("ending", ENDINGS)
async def test_whole_request_cut_at_once_is_done_or_not_but_never_by_halves(
    service: Linking, ending: str
) -> None:
    tokens = {f"patient-{n}": await service.mint(f"patient-{n}") for n in range(20)}
    before = await held(service)
    for patient, token in tokens.items():
        await send_and_hang_up(service, exchange(patient, token), ending)
    await is_let_go(service, before)

    connections, bound, events = counted(service.path)
    assert connections == bound == events
    for patient, token in tokens.items():
        assert (await service.edge.ask(exchange(patient, token))).status == 201
    assert counted(service.path) == (20, 20, 20)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_exchange_cut_while_junction_is_asked_is_done_all_the_same(
    service: Linking, ending: str
) -> None:
    token = await service.mint("anna")
    before = await held(service)
    service.gate.shut(LIST)
    async with service.edge.peer() as peer:
        await peer.send(exchange("anna", token))
        await service.gate.is_reached()
        await hang_up(peer, ending)
        await is_left(service)
        assert counted(service.path) == (0, 0, 0)
        service.gate.open()
    await is_let_go(service, before)

    assert counted(service.path) == (1, 1, 1)
    assert service.reads() == 1
    assert (await service.edge.ask(exchange("anna", token))).status == 201
    assert service.reads() == 1


@pytest.mark.parametrize("ending", ENDINGS)
async def test_exchange_cut_while_it_is_committed_is_done_all_the_same(
    service: Linking, ending: str
) -> None:
    token = await service.mint("anna")
    before = await held(service)
    with a_commit_that_waits(service.path):
        async with service.edge.peer() as peer:
            await peer.send(exchange("anna", token))
            while not service.reads():  # noqa: ASYNC110  (what follows is the commit)
                await asyncio.sleep(0.001)
            await hang_up(peer, ending)
            await is_left(service)
        assert counted(service.path) == (0, 0, 0)
    await is_let_go(service, before)

    assert counted(service.path) == (1, 1, 1)
    assert (await service.edge.ask(exchange("anna", token))).status == 201
    assert counted(service.path) == (1, 1, 1)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_client_that_hangs_up_takes_nothing_from_another_with_the_same_token(
    service: Linking, ending: str
) -> None:
    token = await service.mint("anna")
    service.gate.shut(LIST)
    async with service.edge.peer() as one, service.edge.peer() as other:
        await one.send(exchange("anna", token))
        await service.gate.is_reached()
        await other.send(exchange("anna", token))
        await hang_up(one, ending)
        await is_left(service, but=1)
        service.gate.open()

        assert (await other.answer()).status == 201
    assert service.reads() == 1
    assert counted(service.path) == (1, 1, 1)
