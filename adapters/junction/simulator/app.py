"""The simulator as one ASGI application: to be served by itself, or mounted beside the service."""

from starlette.applications import Starlette

from adapters.junction.model import JunctionModel
from adapters.junction.simulator.api import JunctionApi
from adapters.junction.simulator.controls import Controls
from adapters.junction.simulator.link_page import LinkPage


def create_simulator(model: JunctionModel, *, link_page: str) -> Starlette:
    """Junction over `model`; `link_page` is the address at which its `/link` can be opened."""
    parts = (JunctionApi(model, link_page=link_page), LinkPage(model), Controls(model))
    return Starlette(routes=[route for part in parts for route in part.routes])
