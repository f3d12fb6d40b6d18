"""A service as it runs, and clients that hang up at every byte: it holds no more afterwards."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import psutil
import pytest

from tests.crash.comparison import compare
from tests.crash.journal import Journal
from tests.crash.processes import Server
from tests.crash.tables import SqliteTables
from tests.e2e.processes import a_free_port
from tests.e2e.requests import Answer, call, send
from tests.http.gated import exchange, request

SEED: Final = 20261122
HANG_UPS: Final = 300
_IN_TIME: Final = 30.0  # seconds, of which idle connections to Junction take the most


@dataclass(frozen=True)
class Running:
    process: psutil.Process
    port: int
    junction_port: int

    async def mint(self, patient: str) -> str:
        """A token of theirs, linked to an Oura."""
        minted = await self._call("link/token", patient, {"provider": "oura"})
        say = f"http://127.0.0.1:{self.junction_port}/_simulator/users/{patient}/providers/oura"
        await asyncio.to_thread(send, "PUT", say, {}, '{"status": "connected"}')
        return str(minted.json["link_token"])

    async def exchange(self, patient: str, token: str) -> Answer:
        return await self._call("link/exchange", patient, {"link_token": token})

    async def _call(self, path: str, patient: str, body: object) -> Answer:
        url = f"http://127.0.0.1:{self.port}/v1/wearables/{path}"
        return await asyncio.to_thread(call, "POST", url, patient=patient, json_body=body)

    def cut(self, sent: bytes, *, reset: bool) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as client:
            client.sendall(sent)
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def held(self) -> dict[str, int]:
        return {"descriptors": self.process.num_fds(), "threads": self.process.num_threads()}

    def holds_more_than(self, before: dict[str, int]) -> bool:
        return any(now > before[what] for what, now in self.held().items())


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    port, junction_port = a_free_port(), a_free_port()
    junction_url = f"http://127.0.0.1:{junction_port}"
    environ = {"JUNCTION_BASE_URL": junction_url, "DATABASE_URL": f"sqlite:///{folder}/s.db"}
    simulate = ("simulate-junction", "--port", str(junction_port))
    junction = await Server.start(*simulate, folder=folder, environ={})
    serve = ("serve", "--staging", "--port", str(port))
    service = await Server.start(*serve, folder=folder, environ=environ)
    try:
        assert await junction.is_up()
        assert await service.is_up(), service.log
        yield Running(psutil.Process(service.pid), port, junction_port)
    finally:
        await service.kill()
        await junction.kill()


@pytest.mark.timeout(300)
async def test_clients_that_hang_up_leave_a_service_as_it_was(tmp_path: Path) -> None:
    dice = Random(SEED)  # noqa: S311  (to be replayed, not to be secret)
    async with running(tmp_path) as service:
        token = await service.mint("anna")
        await service.exchange("anna", await service.mint("ben"))  # refused, which is written too
        before = service.held()
        for _ in range(HANG_UPS):
            whole = dice.choice([exchange("anna", token), request("link/token", "ben", b"{}")])
            length = dice.choice([len(whole), dice.randrange(len(whole))])
            service.cut(whole[:length], reset=dice.random() < 0.5)
        first = await service.exchange("anna", token)
        again = await service.exchange("anna", token)
        async with asyncio.timeout(_IN_TIME):
            while service.holds_more_than(before):  # noqa: ASYNC110  (the system has no event)
                await asyncio.sleep(0.05)

    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert compare(Journal(), await SqliteTables(tmp_path / "s.db").read()) == []
