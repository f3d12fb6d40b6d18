"""What is counted of webhooks: which came, what of it, and how late."""

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from adapters.junction.faults import Fault
from entrypoints.container import Container
from entrypoints.http.webhook_figures import WebhookFigures
from tests.builders import NOW
from tests.http.calls import exchange
from tests.http.hooked import DEMO, Sender, with_signature
from tests.http.scraped import scrape

AWAY = "1449752e-0d8a-40e0-9206-91ab099b2537"


def an_event(name: str, user: str = DEMO, **data: Any) -> dict[str, Any]:
    return {"event_type": name, "user_id": user, "data": {"source": {"provider": "oura"}} | data}


@pytest.mark.parametrize(
    ("name", "user", "kind", "outcome"),
    [
        ("provider.connection.created", DEMO, "provider.connection.created", "matched"),
        ("provider.connection.error", DEMO, "provider.connection.error", "matched"),
        ("daily.data.sleep.created", DEMO, "daily.data", "matched"),
        ("historical.data.sleep.created", DEMO, "historical.data", "matched"),
        ("historical.data.sleep.created", AWAY, "historical.data", "unmatched"),
        ("labtest.order.created", DEMO, "another", "matched"),
        ("patient anna", AWAY, "another", "unmatched"),
    ],
)
async def test_webhook_is_counted_by_what_it_is_and_what_came_of_it(
    sender: Sender, name: str, user: str, kind: str, outcome: str
) -> None:
    await exchange(sender.client, "link-test-connected")

    assert (await sender.send(an_event(name, user))).status == 200

    seen = await scrape(sender.client)
    [counted] = seen.samples("webhooks_total")
    assert (counted.labels, counted.value) == ({"event": kind, "outcome": outcome}, 1)


async def test_webhook_that_fails_is_counted_by_its_error(
    sender: Sender, container: Container
) -> None:
    await exchange(sender.client, "link-test-connected")
    container.junction_model().faults.order(Fault.UNAVAILABLE)

    assert (await sender.send(an_event("provider.connection.error"))).status == 502
    assert (await sender.put(with_signature("v1,anna"))).status == 401

    seen = await scrape(sender.client)
    failed = {"event": "provider.connection.error", "outcome": "junction_unavailable"}
    assert seen.value("webhooks_total", **failed) == 1
    unread = {"event": "unread", "outcome": "invalid_signature"}
    assert seen.value("webhooks_total", **unread) == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (asyncio.CancelledError, "cut_off"),
        (ClientDisconnect, "cut_off"),
        (RuntimeError, "internal_error"),
    ],
)
def test_webhook_without_an_answer_of_its_own_is_counted_too(
    error: type[BaseException], outcome: str
) -> None:
    figures = WebhookFigures()

    with pytest.raises(error), figures.hearing(NOW):
        raise error

    assert figures.ended == {("unread", outcome): 1}


@pytest.mark.parametrize(
    ("at", "seconds"),
    [("2026-11-22T11:58:00Z", 120), ("2026-11-22T12:58:00Z", 0)],
    ids=["of two minutes ago", "of a clock that is ahead"],
)
async def test_lag_is_from_when_junction_took_the_data_in(
    sender: Sender, at: str, seconds: float
) -> None:
    await sender.send(an_event("daily.data.sleep.created", updated_at=at))

    seen = await scrape(sender.client)
    assert seen.value("webhook_lag_seconds_count") == 1
    assert seen.value("webhook_lag_seconds_sum") == seconds


async def test_event_that_does_not_say_when_has_no_lag(sender: Sender) -> None:
    await sender.send(an_event("historical.data.sleep.created"))

    assert (await scrape(sender.client)).value("webhook_lag_seconds_count") == 0
