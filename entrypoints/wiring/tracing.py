"""The ports that a request goes through, wrapped in spans where a collector is named.

Where none is, they are what the other wirings chose: a request costs nothing more.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from dependency_injector import providers

from entrypoints.wiring.foundation import Foundation
from entrypoints.wiring.identity import IdentityWiring
from entrypoints.wiring.junction import JunctionWiring
from entrypoints.wiring.late import late
from entrypoints.wiring.storage import StorageWiring
from ports.identity import Identity
from ports.junction_gateway import JunctionGateway
from ports.repositories import ConnectionRepository, JunctionUserDirectory, LinkTokenLedger

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer  # which need not be installed

_settings: Final = Foundation.settings.provided
_system: Final = _settings.database.kind


@late
def _otlp() -> Callable[..., Any]:
    from adapters.tracing.otlp import OtlpTracing

    return OtlpTracing


@late
def _try_otlp() -> Callable[..., None]:
    from adapters.tracing.otlp import try_otlp

    return try_otlp


@late
def _identity() -> Callable[..., Identity]:
    from adapters.tracing.identity import TracedIdentity

    return TracedIdentity


@late
def _junction() -> Callable[..., JunctionGateway]:
    from adapters.tracing.junction import TracedJunctionGateway

    return TracedJunctionGateway


@late
def _ledger() -> Callable[..., LinkTokenLedger]:
    from adapters.tracing.repositories import TracedLinkTokenLedger

    return TracedLinkTokenLedger


@late
def _users() -> Callable[..., JunctionUserDirectory]:
    from adapters.tracing.repositories import TracedJunctionUserDirectory

    return TracedJunctionUserDirectory


@late
def _connections() -> Callable[..., ConnectionRepository]:
    from adapters.tracing.repositories import TracedConnectionRepository

    return TracedConnectionRepository


class TracingWiring(IdentityWiring, StorageWiring, JunctionWiring):
    """Each port as it was chosen, or with a span around every call."""

    try_tracing: providers.Provider[None] = providers.Selector(
        _settings.traces, off=providers.Object(None), otlp=providers.Callable(_try_otlp)
    )
    otlp = providers.Singleton(_otlp)
    tracing: providers.Provider[AbstractAsyncContextManager[object]] = providers.Selector(
        _settings.traces, off=providers.Singleton(nullcontext), otlp=otlp
    )
    tracer: "providers.Provider[Tracer]" = otlp.provided.tracer
    identity: providers.Provider[Identity] = providers.Selector(
        _settings.traces,
        off=IdentityWiring.identity,
        otlp=providers.Singleton(_identity, IdentityWiring.identity, tracer),
    )
    junction: providers.Provider[JunctionGateway] = providers.Selector(
        _settings.traces,
        off=JunctionWiring.junction,
        otlp=providers.Singleton(_junction, JunctionWiring.junction, tracer),
    )
    ledger: providers.Provider[LinkTokenLedger] = providers.Selector(
        _settings.traces,
        off=StorageWiring.ledger,
        otlp=providers.Singleton(_ledger, StorageWiring.ledger, tracer, system=_system),
    )
    users: providers.Provider[JunctionUserDirectory] = providers.Selector(
        _settings.traces,
        off=StorageWiring.users,
        otlp=providers.Singleton(_users, StorageWiring.users, tracer, system=_system),
    )
    connections: providers.Provider[ConnectionRepository] = providers.Selector(
        _settings.traces,
        off=StorageWiring.connections,
        otlp=providers.Singleton(_connections, StorageWiring.connections, tracer, system=_system),
    )
