"""Whether spans are sent: what OpenTelemetry's variables say, and what we cannot do."""

import sys

import pytest

from entrypoints.environment import Environment
from entrypoints.tracing_settings import traces

OF_ALL = "OTEL_EXPORTER_OTLP_ENDPOINT"
OF_TRACES = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
SAMPLERS = "always_on, always_off, traceidratio"
COLLECTOR = {OF_ALL: "http://collector:4318"}


@pytest.mark.parametrize("name", [OF_ALL, OF_TRACES])
def test_collector_that_is_named_is_told(name: str) -> None:
    env = Environment({name: "http://collector:4318", "OTEL_TRACES_EXPORTER": "otlp"})

    assert traces(env) == "otlp"
    assert env.problems == []


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {OF_ALL: ""},
        {"OTEL_SERVICE_NAME": "link"},
        COLLECTOR | {"OTEL_SDK_DISABLED": "true"},
        COLLECTOR | {"OTEL_SDK_DISABLED": "TRUE "},
        COLLECTOR | {"OTEL_TRACES_EXPORTER": "none"},
    ],
    ids=repr,
)
def test_nothing_is_sent_where_none_is_named_or_another_variable_says_no(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)  # and so it need not be installed
    env = Environment(environ)

    assert traces(env) == "off"
    assert env.problems == []


@pytest.mark.parametrize(
    ("environ", "problem"),
    [
        ({OF_ALL: "collector:4318"}, f"{OF_ALL}: expected http://... or https://..."),
        ({OF_TRACES: "http://a b"}, f"{OF_TRACES}: expected http://... or https://..."),
        ({"OTEL_TRACES_EXPORTER": "jaeger"}, "OTEL_TRACES_EXPORTER: expected otlp or none"),
        (
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
            "OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf",
        ),
        (
            {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: expected http/protobuf",
        ),
        (
            {"OTEL_TRACES_SAMPLER": "ratio"},
            f"OTEL_TRACES_SAMPLER: expected {SAMPLERS}, or one with parentbased_ before it",
        ),
        (
            {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "5%"},
            "OTEL_TRACES_SAMPLER_ARG: expected a share, from 0 to 1",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_we_cannot_do_is_refused(environ: dict[str, str], problem: str) -> None:
    env = Environment(COLLECTOR | environ)

    traces(env)

    assert env.problems == [problem]


@pytest.mark.parametrize(
    "environ",
    [
        {
            "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",  # of others; that of traces counts
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
        },
        {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.05"},
        {"OTEL_TRACES_SAMPLER": "traceidratio"},
        {"OTEL_TRACES_SAMPLER": "parentbased_always_off"},
        {"OTEL_TRACES_SAMPLER_ARG": "of no sampler that is used"},
    ],
    ids=repr,
)
def test_what_opentelemetry_takes_is_taken(environ: dict[str, str]) -> None:
    env = Environment(COLLECTOR | environ)

    assert traces(env) == "otlp"
    assert env.problems == []


@pytest.mark.parametrize(
    "missing", ["opentelemetry", "opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"]
)
def test_collector_that_nothing_installed_can_speak_with_is_refused(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = [name for name in sys.modules if name.startswith(f"{missing}.")]
    for name in (
        missing,
        *inside,
    ):  # what another test imported is found all the same
        monkeypatch.setitem(sys.modules, name, None)
    env = Environment(COLLECTOR)

    traces(env)

    [problem] = env.problems
    assert problem.startswith(f"{OF_ALL}: needs OpenTelemetry: pip install ")
    assert "requirements/otel.txt" in problem
