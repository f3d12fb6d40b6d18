"""The calls of a port as spans, each a child of whatever was under way in the request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    get_current_span,
)

from domain.errors import LinkingError
from ports.tracing import TRACE, Trace

_ERROR_TYPE: Final = "error.type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """Of one `port`; `failure` is the error with which it says that it cannot.

    Its other errors are answers. Of no error more is told than its code, or its type. The
    `attributes` are of every span; `operation` is the one that names the method, if there is one.
    """

    tracer: Tracer
    port: type
    kind: SpanKind
    failure: type[LinkingError]
    attributes: Mapping[str, str]
    operation: str | None = None

    @contextmanager
    def call(self, method: str) -> Iterator[None]:
        """A call that is under way while it is open; no span where the request has none.

        Nor has what the service does by itself: a run over all connections is no trace to look at.
        """
        if not get_current_span().get_span_context().trace_flags.sampled:
            yield
            return
        with self.tracer.start_as_current_span(
            f"{self.port.__name__}.{method}",
            kind=self.kind,
            attributes=self._attributes_of(method),
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            context = span.get_span_context()
            token = TRACE.set(Trace.of(context.trace_id, context.span_id, context.trace_flags))
            try:
                yield
            except LinkingError as error:
                if isinstance(error, self.failure):
                    _fail(span, error.code)
                raise
            except BaseException as error:
                _fail(span, type(error).__qualname__)
                raise
            finally:
                TRACE.reset(token)

    def _attributes_of(self, method: str) -> Mapping[str, str]:
        return {**self.attributes, self.operation: method} if self.operation else self.attributes


def _fail(span: Span, error: str) -> None:
    span.set_attribute(_ERROR_TYPE, error)
    span.set_status(StatusCode.ERROR)
