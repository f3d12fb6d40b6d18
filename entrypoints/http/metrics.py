"""What the service counts, as Prometheus reads it (text format 0.0.4)."""

from dataclasses import dataclass
from typing import Final

from entrypoints.admission import Admission
from entrypoints.http.request_figures import RequestFigures
from entrypoints.http.webhook_figures import WebhookFigures
from ports.figures import StorageFigures, UpstreamFigures

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Of this process alone: `worker` is its number where there are several.

    `junction` is None where it is simulated in the process, `storage` where it is memory.
    """

    requests: RequestFigures
    admission: Admission
    webhooks: WebhookFigures
    junction: UpstreamFigures | None
    storage: StorageFigures | None
    worker: int | None

    def text(self) -> bytes:
        # The library takes as long to import as many an exchange takes: when first asked.
        from entrypoints.http.exposition import exposition  # noqa: PLC0415

        return exposition(self)
