"""Identity, with a span for each token.

Most are known from before, and of those no authority is asked: the span is no client's.
"""

from opentelemetry.trace import SpanKind, Tracer

from adapters.tracing.calls import Calls
from domain.errors import IdentityUnavailable
from domain.principal import Principal
from ports.identity import BearerToken, Identity


class TracedIdentity:
    def __init__(self, identity: Identity, tracer: Tracer) -> None:
        self._identity = identity
        self._calls = Calls(
            tracer=tracer,
            port=Identity,
            kind=SpanKind.INTERNAL,
            failure=IdentityUnavailable,
            attributes={},
        )

    async def authenticate(self, token: BearerToken) -> Principal:
        with self._calls.call("authenticate"):
            return await self._identity.authenticate(token)
