"""`serve --workers 2` on PostgreSQL: several processes that look like one."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adapters.persistence.postgresql_schema import migrate_postgresql
from domain.secret import Secret
from entrypoints.server import UNFINISHED
from tests.authority import CLIENT_ID, CLIENT_SECRET, an_authority
from tests.collector import collecting
from tests.e2e.processes import Process, a_free_port
from tests.e2e.relay import Relay, relay_to
from tests.e2e.requests import send
from tests.postgresql import Databases, execute

TOKEN = "opaque-token-of-anna"
_SECONDS = 20


@dataclass(frozen=True)
class Service:
    process: Process
    url: str
    simulator: str
    junction: Relay
    database: str
    session: aiohttp.ClientSession

    @property
    def workers(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children())

    async def post(self, path: str, **body: str) -> tuple[int, dict[str, str]]:
        async with self.session.post(
            f"{self.url}/v1/wearables/link/{path}",
            json=body,
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as response:
            return response.status, await response.json()

    async def linked(self) -> str:
        """A link token of a patient who has linked."""
        status, minted = await self.post("token", provider="oura")
        assert status == 201
        path = f"{self.simulator}/_simulator/users/anna/providers/oura"
        said = await asyncio.to_thread(send, "PUT", path, {}, '{"status": "connected"}')
        assert said.status == 204
        return minted["link_token"]

    async def hold_exchange(self) -> asyncio.Task[tuple[int, dict[str, str]]]:
        """One that is under way while Junction takes its time."""
        token = await self.linked()
        self.junction.hold()
        held = asyncio.create_task(self.post("exchange", link_token=token))
        await self.junction.holds(1)
        return held

    async def stops(self) -> None:
        """Wait until whichever process is asked says so of itself."""
        while True:
            async with self.session.get(f"{self.url}/readyz") as response:
                if response.status == 503:
                    return


@asynccontextmanager
async def a_service(databases: Databases, folder: Path, **more: str) -> AsyncIterator[Service]:
    junction, port = a_free_port(), a_free_port()
    database = await asyncio.to_thread(databases.empty)
    await asyncio.to_thread(migrate_postgresql, Secret(database), staging=False)
    async with (
        an_authority() as authority,
        relay_to(junction) as relay,
        a_session() as session,
    ):
        authority.tokens[TOKEN] = {"active": True, "sub": "anna", "client_id": "an app"}
        environ = {
            "DATABASE_URL": database,
            "IDENTITY": "introspection",
            "INTROSPECTION_URL": authority.url,
            "INTROSPECTION_CLIENT_ID": CLIENT_ID,
            "INTROSPECTION_CLIENT_SECRET": CLIENT_SECRET,
            "JUNCTION_API_KEY": "sk_us_made_up",
            "JUNCTION_BASE_URL": relay.url,
            "JUNCTION_DEADLINE_SECONDS": "50",
            **more,
        }
        simulate = ("simulate-junction", "--port", str(junction))
        serve = ("serve", "--workers", "2", "--port", str(port))
        simulator = await asyncio.to_thread(Process, simulate, folder, {})
        process = await asyncio.to_thread(Process, serve, folder, environ)
        url = f"http://127.0.0.1:{port}"
        try:
            simulated = f"http://127.0.0.1:{junction}"
            yield Service(process, url, simulated, relay, database, session)
        finally:
            await asyncio.to_thread(process.stop)
            await asyncio.to_thread(simulator.stop)


def a_session() -> aiohttp.ClientSession:
    # No connection is kept, so that each request may be accepted by either process.
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))


@pytest.fixture
async def service(databases: Databases, tmp_path: Path) -> AsyncIterator[Service]:
    async with a_service(databases, tmp_path) as service:
        yield service


async def test_equal_exchanges_at_once_are_one_whichever_process_takes_them(
    service: Service,
) -> None:
    token = await service.linked()

    answers = await asyncio.gather(
        *(service.post("exchange", link_token=token) for _ in range(200))
    )

    assert len(service.workers) == 2
    assert answers == [answers[0]] * 200
    assert answers[0][0] == 201
    [[rows]] = await execute(service.database, "SELECT count(*) FROM connections")
    assert rows == 1


async def test_each_worker_counts_for_itself_and_says_which_it_is(service: Service) -> None:
    seen: set[str] = set()

    async with asyncio.timeout(_SECONDS):
        while seen != {"0", "1"}:
            async with service.session.get(f"{service.url}/metrics") as response:
                families = text_string_to_metric_families(await response.text())
                workers = {
                    sample.labels["worker"] for family in families for sample in family.samples
                }
            assert len(workers) == 1
            seen |= workers


async def test_worker_that_is_killed_is_replaced_and_nothing_acknowledged_is_lost(
    service: Service,
) -> None:
    token = await service.linked()
    first = await service.post("exchange", link_token=token)
    killed = service.workers

    for worker in killed:
        worker.kill()
    while len(set(service.workers) - set(killed)) < 2:
        await asyncio.to_thread(psutil.wait_procs, killed, timeout=0.1)

    again = await service.post("exchange", link_token=token)
    assert first[0] == 201
    assert again == first


async def test_all_stop_when_told_and_end_well(service: Service) -> None:
    workers = service.workers
    service.process.tell()

    assert await asyncio.to_thread(service.process.exit_code) == 0
    assert not [worker for worker in workers if worker.is_running()]


async def test_request_in_flight_is_answered_and_recorded_though_its_worker_stops(
    databases: Databases, tmp_path: Path
) -> None:
    with collecting() as collector:
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}
        async with a_service(databases, tmp_path, **environ) as service:
            held = await service.hold_exchange()
            service.process.tell()
            await service.stops()
            service.junction.released.set()

            status, connection = await held
            assert (status, connection["status"]) == (201, "connected")
            assert await asyncio.to_thread(service.process.exit_code) == 0

    stored = collector.named("ConnectionRepository.record")
    assert stored.parent == collector.named("POST /v1/wearables/link/exchange").id
    assert stored.attributes["db.system.name"] == "postgresql"


async def test_told_twice_they_leave_at_once(service: Service) -> None:
    held = await service.hold_exchange()
    service.process.tell()
    await service.stops()
    service.process.tell(signal.SIGINT)

    assert await asyncio.to_thread(service.process.exit_code) == UNFINISHED
    with pytest.raises(aiohttp.ClientError):
        await held


async def test_workers_do_not_outlive_the_one_that_looks_after_them(service: Service) -> None:
    workers = service.workers
    service.process.kill()

    gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, timeout=_SECONDS)
    assert (len(gone), alive) == (2, [])
