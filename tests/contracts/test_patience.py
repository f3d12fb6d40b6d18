"""How long one use waits for Junction: once, whatever it asks."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from domain.junction_errors import JunctionTimeout
from domain.link_token import LinkToken
from domain.linking import LinkingService
from domain.provider import Provider
from tests.builders import ANNA, a_caller
from tests.contracts.linking import Linking
from tests.contracts.slow import Slow

TOKEN = LinkToken("minted elsewhere")

Use = Callable[[LinkingService], Awaitable[object]]


async def mint(service: LinkingService) -> object:
    return await service.mint(a_caller(), provider=None, redirect_url=None)


async def exchange(service: LinkingService) -> object:
    return await service.exchange(a_caller(), TOKEN, Provider.OURA)


@pytest.mark.parametrize("use", [mint, exchange])
@pytest.mark.parametrize(("patience", "enough"), [(119, False), (121, True)])
async def test_all_that_one_use_asks_of_junction_shares_its_patience(
    linking: Linking, use: Use, patience: float, *, enough: bool
) -> None:
    linking.junction.create_user(ANNA)
    slow = Slow(linking.service.junction, linking.stored.clock)  # two calls of a minute each
    service = replace(linking.trusting_callers().service, junction=slow, patience=patience)

    if enough:
        assert await use(service)
    else:
        with pytest.raises(JunctionTimeout):
            await use(service)


async def test_each_use_has_its_patience_anew(linking: Linking) -> None:
    slow = Slow(linking.service.junction, linking.stored.clock)
    service = replace(linking.service, junction=slow, patience=121)

    for _ in range(2):
        assert await mint(service)
