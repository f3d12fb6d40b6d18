"""A service that was told of a collector, as processes of their own."""

import socket
import threading
from pathlib import Path

import msgspec

from entrypoints.log import FIELDS
from tests.collector import collecting
from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import call

EXCHANGE = "/v1/wearables/link/exchange"


def log_of_one_told_of(collector: str, folder: Path) -> list[dict[str, object]]:
    """Of a service that has linked a wearable, and ended well."""
    port = a_free_port()
    environ = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector, "OTEL_SERVICE_NAME": "link"}
    with running(
        "serve", "--staging", "--port", str(port), folder=folder, environ=environ
    ) as service:
        body = {"link_token": "link-test-connected"}
        linked = call("POST", f"http://127.0.0.1:{port}{EXCHANGE}", json_body=body)
        assert linked.status == 201
    return [msgspec.json.decode(line) for line in service.log.splitlines()]


def test_all_that_was_recorded_has_arrived_when_the_service_has_ended(tmp_path: Path) -> None:
    with collecting() as collector:
        log = log_of_one_told_of(f"{collector.url}/v1/traces", tmp_path)

    assert [line["event"] for line in log] == ["request"]
    assert collector.named(f"POST {EXCHANGE}").kind == "SERVER"
    assert collector.services == {"link"}


def test_collector_that_hangs_up_and_then_says_nothing_holds_nothing_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broken:
        hanging_up = threading.Thread(target=hang_up_twice, args=(broken,), daemon=True)
        hanging_up.start()
        log = log_of_one_told_of(f"http://127.0.0.1:{broken.getsockname()[1]}", tmp_path)
        hanging_up.join()

    assert [log[0]["event"], log[-1]["event"]] == ["request", "spans_lost"]
    # What the exporter says of it, in our own way.
    assert {line["event"] for line in log[1:-1]} <= {"logged"}
    assert {name for line in log for name in line} <= FIELDS.keys()


def hang_up_twice(listener: socket.socket) -> None:
    """And take nobody any more: who comes then waits."""
    for _ in range(2):
        connection, _ = listener.accept()
        connection.close()
