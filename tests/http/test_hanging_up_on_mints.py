"""Clients that hang up on a mint: the token is in the ledger whole, or not at all."""

import asyncio

import pytest

from tests.http.gated import CREATE, MINT, RESOLVE, Linking
from tests.http.hanging_up import (
    ENDINGS,
    a_commit_that_waits,
    a_mint,
    hang_up,
    held,
    is_left,
    is_let_go,
    tokens_of,
)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("step", [RESOLVE, CREATE, MINT])
async def test_mint_cut_while_junction_is_asked_is_done_all_the_same(
    service: Linking, step: str, ending: str
) -> None:
    await service.mint("ben")
    before = await held(service)
    service.gate.shut(step)
    async with service.edge.peer() as peer:
        await peer.send(a_mint("anna"))
        await service.gate.is_reached()
        await hang_up(peer, ending)
        await is_left(service)
        assert tokens_of(service.path, "anna") == 0
        service.gate.open()
    await is_let_go(service, before)

    assert tokens_of(service.path, "anna") == 1
    assert (await service.edge.ask(a_mint("anna"))).status == 201


@pytest.mark.parametrize("ending", ENDINGS)
async def test_mint_cut_while_it_is_committed_is_done_all_the_same(
    service: Linking, ending: str
) -> None:
    await service.mint("ben")
    before = await held(service)
    with a_commit_that_waits(service.path):
        async with service.edge.peer() as peer:
            await peer.send(a_mint("anna"))
            while service.gate.passed.count(MINT) < 2:  # noqa: ASYNC110  (what follows is the commit)
                await asyncio.sleep(0.001)
            await hang_up(peer, ending)
            await is_left(service)
        assert tokens_of(service.path, "anna") == 0
    await is_let_go(service, before)

    assert tokens_of(service.path, "anna") == 1
    assert (await service.edge.ask(a_mint("anna"))).status == 201
