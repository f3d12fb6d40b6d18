"""Whether spans go to a collector, as OpenTelemetry's own variables say.

Where to, which, and how many at once the SDK reads for itself.
"""

import re
from importlib.util import find_spec
from typing import Final, Literal

from entrypoints.environment import Environment

Traces = Literal["off", "otlp"]

_PROTOCOL: Final = "http/protobuf"
_BY_RATIO: Final = "traceidratio"
_SAMPLERS: Final = ("", "always_on", "always_off", _BY_RATIO)
_RATIO: Final = re.compile(r"0|0?\.[0-9]+|1(\.0*)?")
_NEEDED: Final = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")
_NOT_INSTALLED: Final = (
    "needs OpenTelemetry: pip install --require-hashes --no-deps -r requirements/otel.txt; "
    "or set OTEL_TRACES_EXPORTER=none"
)


def traces(env: Environment) -> Traces:
    """On where a collector is named, unless another variable says no."""
    of_traces, of_all = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
    name = of_traces if env.shared(of_traces) else of_all
    exporter = env.shared("OTEL_TRACES_EXPORTER").lower() or "otlp"
    disabled = env.shared("OTEL_SDK_DISABLED").lower() == "true"
    if not env.shared(name) or disabled or exporter == "none":
        return "off"
    if not re.fullmatch(r"https?://[!-~]+", env.shared(name)):
        env.object_to(name, "expected http://... or https://...")
    if exporter != "otlp":
        env.object_to("OTEL_TRACES_EXPORTER", "expected otlp or none")
    _check_protocol(env)
    _check_sampler(env)
    if not all(map(_installed, _NEEDED)):
        env.object_to(name, _NOT_INSTALLED)
    return "otlp"


def _check_protocol(env: Environment) -> None:
    of_traces, of_all = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"
    name = of_traces if env.shared(of_traces) else of_all
    if (env.shared(name) or _PROTOCOL) != _PROTOCOL:
        env.object_to(name, f"expected {_PROTOCOL}")


def _check_sampler(env: Environment) -> None:
    """The SDK would record every request where it cannot read how many."""
    name, argument = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
    sampler = env.shared(name).lower()
    if sampler.removeprefix("parentbased_") not in _SAMPLERS:
        env.object_to(
            name, f"expected {', '.join(_SAMPLERS[1:])}, or one with parentbased_ before it"
        )
    if sampler.endswith(_BY_RATIO) and not _RATIO.fullmatch(env.shared(argument) or "1"):
        env.object_to(argument, "expected a share, from 0 to 1")


def _installed(package: str) -> bool:
    """To find a package is not to import it; those around it have no code of their own."""
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # not even those
        return False
