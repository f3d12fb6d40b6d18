"""What a collector is told of a request: a tree of spans, and nothing of a patient's."""

import asyncio
import os
from contextvars import Context
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from adapters.identity.staging import StagingIdentity
from domain.facts import Status
from tests.adapters.upstream import reply
from tests.canary import Canary
from tests.collector import Collector, collecting
from tests.http.calls import CONNECTIONS, EXCHANGE
from tests.http.traced import Tracing, tracing

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"

A_DAY = timedelta(days=1)

REJECTED = reply(401, {"detail": "no such key"})


@pytest.fixture
def collector(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in [*os.environ]:
        if name.startswith("OTEL_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        yield collector
        canary.exported.append(collector.text)


@pytest.fixture
def traced(collector: Collector, empty_database: Path, tmp_path: Path) -> Tracing:
    return tracing(collector, empty_database, tmp_path)


async def test_exchange_is_a_tree_in_the_callers_trace(
    traced: Tracing, collector: Collector
) -> None:
    async with traced() as service:
        answer = await service.exchange(("traceparent", f"00-{TRACE}-{CALLER}-01"))

    assert answer.status == 201
    request = collector.named(f"POST {EXCHANGE}")
    assert {(span.name, span.kind, span.parent) for span in collector.spans} == {
        (f"POST {EXCHANGE}", "SERVER", CALLER),
        ("Identity.authenticate", "INTERNAL", request.id),
        ("LinkTokenLedger.find", "CLIENT", request.id),
        ("JunctionGateway.list_providers", "CLIENT", request.id),
        ("ConnectionRepository.record", "CLIENT", request.id),
    }
    assert {span.trace for span in collector.spans} == {TRACE}
    assert not any(span.failed for span in collector.spans)
    assert (
        service.heard() == f"00-{TRACE}-{collector.named('JunctionGateway.list_providers').id}-01"
    )
    assert collector.services == {"wearable-link"}


async def test_spans_say_what_the_conventions_ask_for_and_lead_to_the_log(
    traced: Tracing, collector: Collector
) -> None:
    async with traced() as service:
        answer = await service.exchange()

    assert collector.named(f"POST {EXCHANGE}").attributes == {
        "http.request.method": "POST",
        "url.scheme": "http",
        "http.route": EXCHANGE,
        "http.response.status_code": 201,
        "wearable_link.request_id": answer.headers["x-request-id"],
    }
    assert collector.named("ConnectionRepository.record").attributes == {
        "db.system.name": "sqlite",
        "db.operation.name": "record",
    }
    assert collector.named("JunctionGateway.list_providers").attributes == {
        "service.peer.name": "junction"
    }


async def test_trace_that_begins_here_has_the_name_of_its_request(
    traced: Tracing, collector: Collector
) -> None:
    async with traced() as service:
        answer = await service.exchange()

    request = collector.named(f"POST {EXCHANGE}")
    assert (request.trace, request.parent) == (answer.headers["x-request-id"], "")


@pytest.mark.parametrize(
    ("sampler", "flags"), [("parentbased_always_on", "00"), ("always_off", "01")]
)
async def test_trace_that_is_not_recorded_is_passed_on_and_sent_nowhere(
    traced: Tracing,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    sampler: str,
    flags: str,
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    async with traced() as service:
        answer = await service.exchange(("traceparent", f"00-{TRACE}-{CALLER}-{flags}"))

    assert answer.status == 201
    assert service.heard().startswith(f"00-{TRACE}-")
    assert service.heard().endswith("-00")
    assert CALLER not in service.heard()
    assert collector.spans == []


async def test_failure_is_told_by_its_code(traced: Tracing, collector: Collector) -> None:
    async with traced(REJECTED) as service:
        answer = await service.exchange()

    assert answer.status == 502
    assert {
        span.name: span.attributes["error.type"] for span in collector.spans if span.failed
    } == {
        f"POST {EXCHANGE}": "junction_rejected_credentials",
        "JunctionGateway.list_providers": "junction_rejected_credentials",
    }
    assert "no such key" not in collector.text


async def test_defect_is_told_by_its_type(
    traced: Tracing, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("this token is the secret of anna")

    monkeypatch.setattr(StagingIdentity, "authenticate", broken)
    async with traced() as service:
        answer = await service.exchange()

    assert answer.status == 500
    assert {
        span.name: span.attributes["error.type"] for span in collector.spans if span.failed
    } == {
        f"POST {EXCHANGE}": "internal_error",
        "Identity.authenticate": "RuntimeError",
    }
    assert "anna" not in collector.text


async def test_refusal_is_an_answer_and_no_failure(traced: Tracing, collector: Collector) -> None:
    async with traced() as service:
        answers = [
            await service.exchange(of="foreign"),
            await service.client.get(f"{CONNECTIONS}/{uuid4()}"),
            await service.client.get("/secret"),
        ]

    assert [answer.status for answer in answers] == [400, 404, 404]
    assert "ConnectionRepository.get" in {span.name for span in collector.spans}
    assert [span.failed for span in collector.spans] == [False] * len(collector.spans)
    assert "GET" in {span.name for span in collector.spans}  # of what there is no route


async def test_probes_and_what_the_service_does_by_itself_are_not_traced(
    traced: Tracing, collector: Collector
) -> None:
    async with traced() as service:
        for path in ("/livez", "/readyz", "/metrics"):
            assert (await service.client.get(path)).status == 200
        await asyncio.create_task(
            service.container.connections().count_stale(Status.CONNECTED, older_than=A_DAY),
            context=Context(),
        )

    assert collector.spans == []


async def test_question_that_is_shared_is_of_the_one_who_asked(
    traced: Tracing, collector: Collector
) -> None:
    async with traced() as service:
        await asyncio.gather(service.exchange(), service.exchange())

    requests = [span.id for span in collector.spans if span.kind == "SERVER"]
    assert len(requests) == 2
    assert collector.named("JunctionGateway.list_providers").parent in requests


async def test_life_of_a_connection_is_told_in_templates_and_names_of_methods(
    traced: Tracing, collector: Collector
) -> None:
    async with traced(JUNCTION_BASE_URL="") as service:
        client = service.client
        await client.post("/v1/wearables/link/token", {"redirect_url": "https://anna.example/"})
        connection = (await service.exchange()).json
        path = f"{CONNECTIONS}/{connection['id']}"
        for each in (CONNECTIONS, path, f"{path}/events?limit=5"):
            assert (await client.get(each)).status == 200
        assert (await client.delete(path)).status == 204

    assert {span.name for span in collector.spans if span.kind == "SERVER"} == {
        "POST /v1/wearables/link/token",
        f"POST {EXCHANGE}",
        f"GET {CONNECTIONS}",
        f"GET {CONNECTIONS}/{{id:uuid}}",
        f"GET {CONNECTIONS}/{{id:uuid}}/events",
        f"DELETE {CONNECTIONS}/{{id:uuid}}",
    }
    assert connection["id"] not in collector.text
    assert connection["junction_user_id"] not in collector.text
