"""What Prometheus makes of /metrics: read by the parser of its own client."""

from dataclasses import dataclass
from typing import Final

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.asgi import Answer, Client

OURS: Final = "wearable_link_"
GET_METRICS: Final = b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Scrape:
    families: list[Metric]

    def value(self, name: str, **labels: str) -> float:
        """Of the one sample with that name and just these labels; 0 where there is none."""
        found = [each.value for each in self.samples(name) if each.labels == labels]
        assert len(found) <= 1
        return sum(found)

    def samples(self, name: str | None = None) -> list[Sample]:
        return [
            sample
            for family in self.families
            for sample in family.samples
            if name is None or sample.name == OURS + name
        ]


def read(answer: Answer) -> Scrape:
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Scrape(list(text_string_to_metric_families(answer.body.decode())))


async def scrape(client: Client) -> Scrape:
    return read(await client.request("GET", "/metrics"))
