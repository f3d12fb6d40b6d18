"""A service whose storage fails and comes back, as its callers and its probes see it."""

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import Answer, call, send
from tests.postgresql import PostgresServer, a_server


class Service:
    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def exchange(self, token: str) -> Answer:
        url = f"{self._url}/v1/wearables/link/exchange"
        return call("POST", url, json_body={"link_token": token})

    def connections(self) -> Answer:
        return call("GET", f"{self._url}/v1/wearables/connections")

    def probe(self, name: str) -> int:
        return send("GET", f"{self._url}/{name}", {}).status


def assert_unavailable(answer: Answer) -> None:
    assert (answer.status, answer.json["error"]) == (503, "storage_unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with a_server() as server:
        yield server


def test_server_that_goes_away_and_comes_back_needs_no_restart_of_ours(
    server: PostgresServer, tmp_path: Path
) -> None:
    port = a_free_port()
    environ = {"DATABASE_URL": server.url()}
    serve = ("serve", "--staging", "--port", str(port))
    with running(*serve, folder=tmp_path, environ=environ):
        service = Service(port)
        acknowledged = service.exchange("link-test-connected")
        server.stop()

        assert_unavailable(service.exchange("link-test-pending"))
        assert_unavailable(service.connections())
        assert (service.probe("livez"), service.probe("readyz")) == (200, 503)

        server.start()
        assert service.exchange("link-test-connected").json == acknowledged.json
        assert service.exchange("link-test-pending").status == 201
        assert service.probe("readyz") == 200
        assert len(service.connections().json["connections"]) == 2


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="Linux only")
def test_disk_that_is_full_refuses_what_is_new_and_gives_what_is_there(tmp_path: Path) -> None:
    port = a_free_port()
    with running("serve", "--staging", "--port", str(port), folder=tmp_path) as process:
        service = Service(port)
        acknowledged = service.exchange("link-test-connected")
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, before[1]))

        assert_unavailable(service.exchange("link-test-pending"))
        assert service.exchange("link-test-connected").json == acknowledged.json
        assert service.connections().json == {"connections": [acknowledged.json]}

        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
        assert service.exchange("link-test-pending").status == 201
