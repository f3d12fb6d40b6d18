"""What these tests do with connections that exist, and what Junction holds of them."""

from typing import Any, Final

from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from domain.provider import Slug
from entrypoints.container import Container
from tests.asgi import Client
from tests.http.calls import CONNECTIONS, exchange, mint

DEMO: Final = user_id_of(PatientId("demo"))


def at(connection: Any) -> str:
    """Its address."""
    return f"{CONNECTIONS}/{connection['id']}"


async def connected(client: Client, container: Container, slug: str, provider: str) -> Any:
    """A connection of demo's, which Junction lists under that slug."""
    token = await mint(client)
    container.junction_model().list_provider(DEMO, Slug(slug))
    answer = await exchange(client, token, provider=provider)
    assert (answer.status, answer.json["status"]) == (201, "connected")
    return answer.json


def listed(container: Container) -> set[str]:
    """Slugs that Junction lists of demo."""
    user = container.junction_model().user(DEMO)
    return set(user.listings) if user else set()
