"""A service whose Junction can be held, as processes of their own; and what it left on disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.processes import Process, a_free_port, running
from tests.e2e.relay import Relay, relay_to
from tests.e2e.requests import Answer, call


@dataclass(frozen=True)
class Service:
    process: Process
    address: tuple[str, int]
    folder: Path
    junction: Relay

    async def ask(self, method: str, path: str, **what: Any) -> Answer:
        host, port = self.address
        return await asyncio.to_thread(call, method, f"http://{host}:{port}{path}", **what)

    async def mint(self, patient: str) -> str:
        body = {"provider": "oura"}
        minted = await self.ask(
            "POST", "/v1/wearables/link/token", patient=patient, json_body=body
        )
        return str(minted.json["link_token"])

    async def exchange(self, patient: str, token: str) -> Answer:
        body = {"link_token": token}
        return await self.ask(
            "POST", "/v1/wearables/link/exchange", patient=patient, json_body=body
        )

    async def hold_exchanges(self, *patients: str) -> list[asyncio.Task[Answer]]:
        """One of each patient, under way, while Junction takes its time."""
        tokens = [await self.mint(patient) for patient in patients]
        self.junction.hold()
        held = [
            asyncio.create_task(self.exchange(patient, token))
            for patient, token in zip(patients, tokens, strict=True)
        ]
        await self.junction.holds(len(held))
        return held

    async def stops(self) -> None:
        """Wait until it says so of itself."""
        while (await self.ask("GET", "/readyz")).status == 200:
            pass

    async def exit_code(self) -> int:
        return await asyncio.to_thread(self.process.exit_code)

    def stored(self, what: str) -> set[str]:
        """What the file alone holds, now that it has been let go."""
        file = self.folder / "var" / "staging.db"
        assert not file.with_name("staging.db-wal").exists()
        with closing(sqlite3.connect(file)) as database:
            return {row[0] for row in database.execute(what)}


@asynccontextmanager
async def service(folder: Path, **environ: str) -> AsyncIterator[Service]:
    port, junction = a_free_port(), a_free_port()
    environ = {"JUNCTION_DEADLINE_SECONDS": "50"} | environ
    with running("simulate-junction", "--port", str(junction), folder=folder):
        async with relay_to(junction) as relay:
            with running(
                "serve",
                "--staging",
                "--port",
                str(port),
                folder=folder,
                environ=environ | {"JUNCTION_BASE_URL": relay.url},
            ) as process:
                yield Service(process, ("127.0.0.1", port), folder, relay)
