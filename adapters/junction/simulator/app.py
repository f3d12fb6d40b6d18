"""The simulator as one ASGI application: to be served by itself, or mounted beside the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from adapters.junction.model import JunctionModel
from adapters.junction.simulator.api import JunctionApi
from adapters.junction.simulator.controls import Controls
from adapters.junction.simulator.link_page import LinkPage
from adapters.junction.simulator.webhook_controls import WebhookControls
from adapters.junction.simulator.webhooks import Webhooks


def create_simulator(
    model: JunctionModel, *, link_page: str, webhooks: Webhooks | None = None
) -> Starlette:
    """Junction over `model`; `link_page` is the address at which its `/link` can be opened.

    Without `webhooks` it sends none. Served by itself it opens and closes them; where it is
    mounted, which runs no lifespan, that is for the application around it to do.
    """
    routes = [
        *JunctionApi(model, link_page=link_page).routes,
        *LinkPage(model).routes,
        *Controls(model).routes,
    ]
    if webhooks is None:
        return Starlette(routes=routes)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with webhooks:
            yield

    return Starlette(routes=[*routes, *WebhookControls(model, webhooks).routes], lifespan=lifespan)
