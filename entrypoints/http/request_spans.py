"""Each request as a span, in the caller's trace or one that begins here (docs/adr/0020).

Attributes are OpenTelemetry's semantic conventions for HTTP servers, without those that would
hold a path, an address or a header. The template of the route stands for the path.
"""

from typing import Final

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import LinkingError
from entrypoints.http.request_log import METHODS, PROBES
from ports.tracing import TRACE, Trace

_NO_PARENT: Final = Context()


class RequestSpans:
    """It stands just inside of what names requests. Probes are nobody's work."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        with self._tracer.start_as_current_span(
            method,
            context=_callers(TRACE.get()),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "url.scheme": scope["scheme"]},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            context = span.get_span_context()  # the caller's flags are heard, the SDK decides
            TRACE.set(Trace.of(context.trace_id, context.span_id, context.trace_flags))
            await self._answer(span, method, scope, receive, send)

    async def _answer(
        self, span: Span, method: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            await send(message)
            status = message.get("status", status)

        try:
            await self._app(scope, receive, seen)
        except BaseException as error:
            _fail(span, type(error).__qualname__)
            raise
        finally:
            _describe(span, method, scope, status)


def _describe(span: Span, method: str, scope: Scope, status: int) -> None:
    told: dict[str, str | int] = {"wearable_link.request_id": scope["state"]["request_id"]}
    if path := getattr(scope.get("route"), "path", None):
        span.update_name(f"{method} {path}")
        told["http.route"] = path
    if status:
        told["http.response.status_code"] = status
    span.set_attributes(told)
    if status >= 500:
        failure: LinkingError | None = scope["state"].get("failure")
        _fail(span, failure.code if failure else str(status))


def _fail(span: Span, error: str) -> None:
    span.set_attribute("error.type", error)
    span.set_status(StatusCode.ERROR)


def _callers(trace: Trace | None) -> Context:
    """What the span is a child of, if the caller said so."""
    if trace is None or trace.parent is None:
        return _NO_PARENT
    parent = SpanContext(
        int(trace.id, 16),
        int(trace.parent, 16),
        is_remote=True,
        trace_flags=TraceFlags(int(trace.flags, 16)),
    )
    return set_span_in_context(NonRecordingSpan(parent), _NO_PARENT)
