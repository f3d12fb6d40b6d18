"""A relay in front of a simulated Junction, that holds what is asked of it until it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Relay:
    def __init__(self, port: int) -> None:
        self._port = port
        self._arrived = asyncio.Semaphore(0)
        self._relaying: set[asyncio.Task[None]] = set()
        self.released = asyncio.Event()
        self.released.set()
        self.url = ""

    async def holds(self, count: int) -> None:
        """Wait until so many requests more have come."""
        for _ in range(count):
            await self._arrived.acquire()

    def hold(self) -> None:
        """Whatever comes from now on waits for `released`."""
        self.released.clear()
        self._arrived = asyncio.Semaphore(0)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._relaying.add(asyncio.create_task(self._relay(reader, writer)))

    async def end(self) -> None:
        for each in self._relaying:
            each.cancel()
        await asyncio.gather(*self._relaying, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_junction, to_junction = await asyncio.open_connection("127.0.0.1", self._port)
        answering = asyncio.create_task(_copy(from_junction, writer))
        try:
            while asked := await reader.read(65_536):
                self._arrived.release()
                await self.released.wait()
                to_junction.write(asked)
        finally:
            to_junction.close()
            await answering
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while said := await reader.read(65_536):
        writer.write(said)


@asynccontextmanager
async def relay_to(port: int) -> AsyncIterator[Relay]:
    relay = Relay(port)
    async with await asyncio.start_server(relay.accept, "127.0.0.1") as server:
        relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield relay
        await relay.end()
