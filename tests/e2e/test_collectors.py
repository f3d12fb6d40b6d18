"""A service that was told of a collector, as processes of their own."""

import socket
import threading
from pathlib import Path

import msgspec
import pytest

from entrypoints.log import FIELDS
from tests.collector import collecting
from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import call
from tests.entrypoints.diagnosed import wearable_link

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
        hanging_up.join(10)
        assert not hanging_up.is_alive()

    assert [log[0]["event"], log[-1]["event"]] == ["request", "spans_lost"]
    # What the exporter says of it, in our own way.
    assert {line["event"] for line in log[1:-1]} <= {"logged"}
    assert {name for line in log for name in line} <= FIELDS.keys()


@pytest.mark.parametrize(
    "environ",
    [{"OTEL_BSP_MAX_QUEUE_SIZE": "256"}, {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "x"}],
    ids=repr,
)
async def test_what_only_the_sdk_can_tell_is_told_before_anything_starts(
    environ: dict[str, str], tmp_path: Path
) -> None:
    named = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}

    ended = await wearable_link("serve", "--staging", folder=tmp_path, **named, **environ)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("OTEL_...: ")
    assert ended.err.count("\n") == 1


def hang_up_twice(listener: socket.socket) -> None:
    """And take nobody any more: who comes then waits."""
    for _ in range(2):
        connection, _ = listener.accept()
        connection.close()
