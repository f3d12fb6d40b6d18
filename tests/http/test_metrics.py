"""What is counted of requests and of storage, and how it reads."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Client, running
from tests.http.calls import CONNECTIONS, EXCHANGE, exchange, mint
from tests.http.edge import GET, edge
from tests.http.held import HeldJunction
from tests.http.scraped import GET_METRICS, read, scrape

NO_ROUTE = {"route": "none"}
TOOK = "http_request_duration_seconds"


async def test_exchange_is_counted_under_its_route_and_status(client: Client) -> None:
    await exchange(client, "link-test-connected")
    await exchange(client, "link-test-connected")
    await exchange(client, "link-test-expired")

    seen = await scrape(client)

    of_exchange = {"route": EXCHANGE, "method": "POST"}
    assert seen.value("http_requests_total", **of_exchange, status="201") == 2
    assert seen.value("http_requests_total", **of_exchange, status="400") == 1
    assert seen.value(f"{TOOK}_count", route=EXCHANGE) == 3


async def test_how_long_a_request_took_is_counted_by_route(client: Client) -> None:
    await exchange(client, "link-test-connected")
    await client.get(CONNECTIONS)

    seen = await scrape(client)

    buckets = [each for each in seen.samples(f"{TOOK}_bucket") if each.labels["route"] == EXCHANGE]
    counts = [each.value for each in buckets]
    assert counts == sorted(counts)
    assert (buckets[-1].labels["le"], counts[-1]) == ("+Inf", 1)
    assert seen.value(f"{TOOK}_sum", route=EXCHANGE) > 0
    assert seen.value(f"{TOOK}_count", route=CONNECTIONS) == 1


async def test_scrapes_and_probes_are_requests_too(client: Client) -> None:
    await client.request("GET", "/livez")
    await scrape(client)

    seen = await scrape(client)

    for path in ("/livez", "/metrics"):
        of_probe = {"route": path, "method": "GET", "status": "200"}
        assert seen.value("http_requests_total", **of_probe) == 1


async def test_request_that_the_server_itself_refused_is_counted(container: Container) -> None:
    async with edge(create_app(container)) as server:
        await server.ask(GET[:-2] + b"a: " + b"x" * 17_000 + b"\r\n\r\n")
        seen = read(await server.ask(GET_METRICS))

    refused = [
        each for each in seen.samples("http_requests_total") if each.labels["status"] == "431"
    ]
    assert [(each.labels["route"], each.value) for each in refused] == [("none", 1)]


@pytest.fixture
def small(empty_database: Path, tmp_path: Path) -> Container:
    """One request at once, and no more."""
    path = tmp_path / "small.db"
    path.write_bytes(empty_database.read_bytes())
    environ = {"DATABASE_URL": f"sqlite:///{path}", "MAX_IN_FLIGHT": "1"}
    return create_container(load_settings(environ, staging=True, public_url=""))


async def test_request_that_was_sent_away_is_counted_by_reason(small: Container) -> None:
    junction = HeldJunction(small)
    async with running(create_app(small)) as client:
        [held] = await junction.hold(client, "anna")
        await client.get(CONNECTIONS)
        full = await scrape(client)
        junction.released.set()
        await held
        small.admission().close()
        await client.get(CONNECTIONS)
        closed = await scrape(client)

    assert full.value("http_requests_in_flight") == 1
    assert full.value("http_requests_refused_total", reason="overloaded") == 1
    assert full.value("http_requests_refused_total", reason="shutting_down") == 0
    assert closed.value("http_requests_in_flight") == 0
    assert closed.value("http_requests_refused_total", reason="shutting_down") == 1
    sent_away = NO_ROUTE | {"method": "GET", "status": "503"}
    assert closed.value("http_requests_total", **sent_away) == 2


async def test_writes_that_are_committed_together_are_one_batch(client: Client) -> None:
    before = await scrape(client)
    await asyncio.gather(*(mint(client, patient=f"patient-{n}") for n in range(20)))
    after = await scrape(client)

    writes, commits = (
        after.value(f"storage_batch_writes_{part}") - before.value(f"storage_batch_writes_{part}")
        for part in ("sum", "count")
    )
    assert writes == 20
    assert commits < 20
    assert after.value("storage_writes_waiting") == 0
    assert after.value("storage_commit_under_way_seconds") == 0


async def test_of_storage_in_memory_there_is_nothing_to_tell() -> None:
    settings = load_settings({"DATABASE_URL": "memory:"}, staging=True, public_url="")
    async with running(create_app(create_container(settings))) as client:
        assert not (await scrape(client)).samples("storage_writes_waiting")


async def test_one_of_several_workers_says_which_it_is(container: Container) -> None:
    settings = replace(container.settings(), worker=3)
    async with running(create_app(create_container(settings))) as client:
        seen = await scrape(client)

    assert {each.labels.get("worker") for each in seen.samples()} == {"3"}


async def test_only_worker_bears_no_number(client: Client) -> None:
    seen = await scrape(client)

    assert not [each for each in seen.samples() if "worker" in each.labels]


def test_library_is_not_imported_before_it_is_asked_for() -> None:
    program = "import sys, entrypoints.http.app; sys.exit('prometheus_client' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
