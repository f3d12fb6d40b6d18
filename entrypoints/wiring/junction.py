"""Junction, real or simulated."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from dependency_injector import providers
from starlette.applications import Starlette

from adapters.junction import well_known
from adapters.junction.http import HttpJunctionGateway, open_session
from adapters.junction.in_memory import InMemoryJunctionGateway
from adapters.junction.simulator.app import create_simulator
from adapters.junction.simulator.webhooks import Endpoint, Webhooks
from domain.link_token import Mint
from entrypoints.wiring.foundation import Foundation
from ports.figures import UpstreamFigures
from ports.junction_gateway import JunctionGateway

_settings: Final = Foundation.settings.provided


def _figures_of(gateway: HttpJunctionGateway) -> UpstreamFigures:
    return gateway.attempts


class JunctionWiring(Foundation):
    """Over HTTP, or as a model in this process, with the simulator's pages over it."""

    junction_session: providers.Provider[AbstractAsyncContextManager[object]] = providers.Selector(
        _settings.junction,
        http=providers.Singleton(open_session, _settings.junction_api_key.reveal.call()),
        in_memory=providers.Singleton(nullcontext),
    )
    http_junction: providers.Provider[JunctionGateway] = providers.Singleton(
        HttpJunctionGateway,
        junction_session,
        base_url=_settings.junction_base_url,
        clock=Foundation.clock,
    )
    junction_model = providers.Singleton(
        well_known.simulated_junction,
        Foundation.clock,
        _settings.database.journal_path,
    )
    in_memory_junction: providers.Provider[JunctionGateway] = providers.Singleton(
        InMemoryJunctionGateway,
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
        Webhooks,
        junction_model,
        clock=Foundation.clock,
        endpoint=providers.Factory(
            Endpoint, url=_settings.webhooks_url, secret=_settings.webhook_secret
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
            create_simulator,
            junction_model,
            link_page=_settings.link_page,
            webhooks=simulated_webhooks,
        ),
    )
    well_known_mints: providers.Provider[Iterable[Mint]] = providers.Callable(
        well_known.mints, Foundation.clock.provided.monotonic.call()
    )
