"""The table of metrics in the operations page, held against a scrape, both ways."""

import re
from pathlib import Path
from typing import Final

import pytest
from prometheus_client.metrics_core import Metric

from tests.http.gated import Linking
from tests.http.scraped import GET_METRICS, read
from tests.signing import WEBHOOK

PAGE: Final = Path(__file__).parents[2] / "docs" / "operations.md"
ROW: Final = re.compile(r"^\| `(\w+)` \| (counter|gauge|histogram) \|([`\w, ]*)\|", re.MULTILINE)

Table = dict[str, tuple[str, set[str]]]


def documented() -> Table:
    rows = ROW.findall(PAGE.read_text())
    assert rows
    return {name: (kind, set(re.findall(r"\w+", labels))) for name, kind, labels in rows}


def described(family: Metric) -> tuple[str, tuple[str, set[str]]]:
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels = {label for sample in family.samples for label in sample.labels}
    return name, (family.type, labels - {"le"})


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="process_* are Linux's")
async def test_every_metric_is_in_the_table_and_nothing_else(service: Linking) -> None:
    await service.mint("anna")
    seen = read(await service.edge.ask(GET_METRICS))

    assert {name: kind for name, (kind, _) in map(described, seen.families)} == {
        name: kind for name, (kind, _) in documented().items()
    }


async def test_labels_of_every_metric_are_in_the_table_and_nothing_else(
    service: Linking,
) -> None:
    await service.mint("anna")
    head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    await service.edge.ask(head.encode())
    seen = read(await service.edge.ask(GET_METRICS))

    table = documented()
    labels = {name: labels for name, (_, labels) in map(described, filled(seen.families))}
    assert labels == {name: table[name][1] for name in labels}
    assert table.keys() - labels.keys() == {"wearable_link_junction_retries_total"}


def filled(families: list[Metric]) -> list[Metric]:
    return [family for family in families if family.samples]
