"""Looking at connections, over every repository."""

import pytest

from domain.errors import ConnectionNotFound
from tests.builders import BEN, a_caller, a_listing, a_mint, a_report
from tests.contracts.linking import Linking


async def test_patient_sees_their_own_connections_and_no_others(linking: Linking) -> None:
    lifecycle, stored = linking.lifecycle, linking.stored
    await stored.ledger.enter(a_mint())
    opened = await stored.connections.record(a_report(a_listing()))

    assert await lifecycle.list_for(a_caller()) == [opened]
    assert await lifecycle.get(a_caller(), opened.id) == opened
    assert await lifecycle.list_for(a_caller(BEN)) == []
    with pytest.raises(ConnectionNotFound):
        await lifecycle.get(a_caller(BEN), opened.id)
    with pytest.raises(ConnectionNotFound):
        await lifecycle.history(a_caller(BEN), opened.id, before=None, limit=1)
