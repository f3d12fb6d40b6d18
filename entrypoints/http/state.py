"""What every request can see: the use cases, and its own name."""

from typing import TypedDict

from domain.lifecycle import LifecycleService
from domain.linking import LinkingService
from ports.identity import Identity
from ports.storage import Storage


class Services(TypedDict):
    """Made once, by the lifespan."""

    identity: Identity
    required_scope: str | None
    linking: LinkingService
    lifecycle: LifecycleService
    storage: Storage


class State(Services):
    request_id: str
