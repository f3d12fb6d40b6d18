"""What every request can see: the use cases, and its own name."""

from typing import Required, TypedDict

from domain.errors import LinkingError
from domain.lifecycle import LifecycleService
from domain.linking import LinkingService
from domain.secret import Secret
from domain.webhooks import WebhookService
from entrypoints.admission import Admission
from entrypoints.http.metrics import Metrics
from entrypoints.http.request_figures import RequestFigures
from entrypoints.http.webhook_figures import WebhookFigures
from ports.clock import Clock
from ports.identity import Identity
from ports.storage import Storage


class Services(TypedDict):
    """Made once, by the lifespan."""

    admission: Admission
    clock: Clock
    identity: Identity
    required_scope: str | None
    linking: LinkingService
    lifecycle: LifecycleService
    webhooks: WebhookService
    webhook_secrets: tuple[Secret, ...]
    storage: Storage
    request_figures: RequestFigures
    webhook_figures: WebhookFigures
    metrics: Metrics


class State(Services, total=False):
    """`failure` is how the request ended, if it did not end well."""

    request_id: Required[str]
    failure: LinkingError
