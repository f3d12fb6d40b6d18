"""Junction, real or simulated."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Final

from dependency_injector import providers
from starlette.applications import Starlette

from adapters.junction import well_known
from domain.link_token import Mint
from entrypoints.wiring.foundation import Foundation
from entrypoints.wiring.late import late
from ports.figures import UpstreamFigures
from ports.junction_gateway import JunctionGateway

if TYPE_CHECKING:
    from adapters.junction.http import HttpJunctionGateway
    from ports.junction_probe import JunctionProbe  # for a command only

_settings: Final = Foundation.settings.provided


@late
def _http_session() -> Callable[..., AbstractAsyncContextManager[object]]:
    from adapters.junction.http import open_session

    return open_session


@late
def _http_gateway() -> Callable[..., JunctionGateway]:
    from adapters.junction.http import HttpJunctionGateway

    return HttpJunctionGateway


@late
def _http_probe() -> "Callable[..., JunctionProbe]":
    from adapters.junction.probe import HttpJunctionProbe

    return HttpJunctionProbe


@late
def _in_memory_gateway() -> Callable[..., JunctionGateway]:
    from adapters.junction.in_memory import InMemoryJunctionGateway

    return InMemoryJunctionGateway


@late
def _endpoint() -> Callable[..., object]:
    from adapters.junction.simulator.webhooks import Endpoint

    return Endpoint


@late
def _webhooks() -> Callable[..., AbstractAsyncContextManager[object]]:
    from adapters.junction.simulator.webhooks import Webhooks

    return Webhooks


@late
def _simulator() -> Callable[..., Starlette]:
    from adapters.junction.simulator.app import create_simulator

    return create_simulator


def _figures_of(gateway: "HttpJunctionGateway") -> UpstreamFigures:
    return gateway.attempts


class JunctionWiring(Foundation):
    """Over HTTP, or as a model in this process, with the simulator's pages over it."""

    junction_session: providers.Provider[AbstractAsyncContextManager[object]] = providers.Selector(
        _settings.junction,
        http=providers.Singleton(_http_session, _settings.junction_api_key.reveal.call()),
        in_memory=providers.Singleton(nullcontext),
    )
    http_junction: providers.Provider[JunctionGateway] = providers.Singleton(
        _http_gateway,
        junction_session,
        base_url=_settings.junction_base_url,
        clock=Foundation.clock,
    )
    junction_probe: "providers.Provider[JunctionProbe]" = providers.Factory(
        _http_probe, junction_session, base_url=_settings.junction_base_url
    )
    junction_model = providers.Singleton(
        well_known.simulated_junction,
        Foundation.clock,
        _settings.database.journal_path,
    )
    in_memory_junction: providers.Provider[JunctionGateway] = providers.Singleton(
        _in_memory_gateway,
        junction_model,
        link_page=_settings.link_page,
        clock=Foundation.clock,
    )
    junction: providers.Provider[JunctionGateway] = providers.Selector(
        _settings.junction, http=http_junction, in_memory=in_memory_junction
    )
    junction_figures: providers.Provider[UpstreamFigures | None] = providers.Selector(
        _settings.junction,
        http=providers.Callable(_figures_of, http_junction),
        in_memory=providers.Object(None),
    )
    simulated_webhooks = providers.Singleton(
        _webhooks,
        junction_model,
        clock=Foundation.clock,
        endpoint=providers.Factory(
            _endpoint, url=_settings.webhooks_url, secret=_settings.webhook_secret
        ),
    )
    junction_webhooks: providers.Provider[AbstractAsyncContextManager[object]] = (
        providers.Selector(
            _settings.junction,
            http=providers.Singleton(nullcontext),
            in_memory=simulated_webhooks,
        )
    )
    junction_simulator: providers.Provider[Starlette | None] = providers.Selector(
        _settings.junction,
        http=providers.Object(None),
        in_memory=providers.Singleton(
            _simulator,
            junction_model,
            link_page=_settings.link_page,
            webhooks=simulated_webhooks,
        ),
    )
    well_known_mints: providers.Provider[Iterable[Mint]] = providers.Callable(
        well_known.mints, Foundation.clock.provided.monotonic.call()
    )
