import pytest

from adapters.clock import FixedClock
from adapters.persistence.audit_queue import QueuedAuditTrail
from adapters.persistence.in_memory import (
    InMemoryConnectionRepository,
    InMemoryLinkTokenLedger,
    InMemoryStorage,
)
from domain.errors import ConnectionNotFound
from domain.lifecycle import LifecycleService
from tests.builders import BEN, NOW, a_caller, a_listing, a_mint, a_report


async def test_patient_sees_their_own_connections_and_no_others() -> None:
    clock = FixedClock(NOW)
    storage = InMemoryStorage(clock)
    connections = InMemoryConnectionRepository(storage)
    lifecycle = LifecycleService(
        connections=connections, trail=QueuedAuditTrail(storage.write, clock=clock)
    )
    await InMemoryLinkTokenLedger(storage).enter(a_mint())
    opened = await connections.record(a_report(a_listing()))

    assert await lifecycle.list_for(a_caller()) == [opened]
    assert await lifecycle.get(a_caller(), opened.id) == opened
    assert await lifecycle.list_for(a_caller(BEN)) == []
    with pytest.raises(ConnectionNotFound):
        await lifecycle.get(a_caller(BEN), opened.id)
