"""Spans on their way to a collector, by OTLP over HTTP: no request waits for them.

All that can be set is the SDK's own to read, from the variables that OpenTelemetry documents.
"""

import asyncio
import threading
from typing import Final, Self

import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Tracer

from ports.tracing import TRACE

_FLUSH: Final = 2.0  # seconds, of those a server that stops has for all it writes

_log: Final = structlog.get_logger()


class OtlpTracing:
    """Open it as a context, around all that is traced: what is left then is sent at the end."""

    def __init__(self) -> None:
        # At the exit of the process the SDK would wait for half a minute.
        self._provider = TracerProvider(
            resource=_resource(), id_generator=_RequestsTraceIds(), shutdown_on_exit=False
        )
        self.tracer: Tracer = self._provider.get_tracer("wearable-link")

    async def __aenter__(self) -> Self:
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Wait for the collector, but not for one that does not answer: spans are no records."""
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        await asyncio.to_thread(closing.join, _FLUSH)
        if closing.is_alive():
            _log.error("spans_lost")


def try_otlp() -> None:
    """Read the variables as it will be done, before there is a service that they could stop.

    Raises:
        ValueError, RuntimeError: the SDK cannot do what they say; it says why, and not of which.

    """
    BatchSpanProcessor(OTLPSpanExporter()).shutdown()  # type: ignore[no-untyped-call]  # the SDK's


class _RequestsTraceIds(RandomIdGenerator):
    """A trace that begins here has the id that its request was given, as all else that names it.

    So where the caller named neither it is the request's own name, too.
    """

    def generate_trace_id(self) -> int:
        trace = TRACE.get()
        return int(trace.id, 16) if trace else super().generate_trace_id()


def _resource() -> Resource:
    named = OTELResourceDetector().detect().attributes.get(SERVICE_NAME)
    return Resource.create(None if named else {SERVICE_NAME: "wearable-link"})
