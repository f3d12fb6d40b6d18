"""A simulated Junction that keeps those who ask what is connected, until it is told."""

import asyncio

from dependency_injector import providers

from adapters.junction.in_memory import InMemoryJunctionGateway
from domain.identifiers import JunctionUserId
from domain.provider import Listing
from entrypoints.container import Container
from tests.asgi import Answer, Client
from tests.http.calls import exchange, mint


class HeldJunction(InMemoryJunctionGateway):
    def __init__(self, container: Container) -> None:
        super().__init__(container.junction_model(), link_page="", clock=container.clock())
        container.junction.override(providers.Object(self))
        self._arrived = asyncio.Semaphore(0)
        self.released = asyncio.Event()

    async def list_providers(self, user_id: JunctionUserId, *, by: float) -> list[Listing] | None:
        self._arrived.release()
        await self.released.wait()
        return await super().list_providers(user_id, by=by)

    async def holds(self, count: int) -> None:
        """Wait until so many more have come."""
        for _ in range(count):
            await self._arrived.acquire()

    async def hold(self, client: Client, *patients: str) -> list[asyncio.Task[Answer]]:
        """An exchange of each patient, under way and held. Equal ones would be asked as one."""
        tokens = [await mint(client, patient=patient, provider="oura") for patient in patients]
        held = [
            asyncio.create_task(exchange(client, token, patient=patient))
            for token, patient in zip(tokens, patients, strict=True)
        ]
        await self.holds(len(held))
        return held
