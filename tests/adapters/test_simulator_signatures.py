"""The simulator's signatures, as Svix's own libraries read them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as StandardWebhook
from svix.webhooks import Webhook, WebhookVerificationError

from adapters.clock import FixedClock
from adapters.junction.simulator.svix import key_of
from tests.adapters.sending import REFUSED, SECRET, sending, today
from tests.adapters.upstream import Received

OTHER = "whsec_YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg=="


async def one_message(**members: object) -> Received:
    async with sending(clock=FixedClock(today())) as junction:
        await junction.set_up(**members)
        await junction.say("connected")
        [message] = await junction.turn()
        return message


async def test_svix_takes_it() -> None:
    message = await one_message()

    Webhook(SECRET).verify(message.body, message.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(message.body + b" ", message.headers)


async def test_standard_webhooks_takes_it() -> None:
    message = await one_message()
    renamed = {name.replace("svix-", "webhook-"): value for name, value in message.headers.items()}

    payload: Any = StandardWebhook(SECRET).verify(message.body, renamed)
    assert payload["event_type"] == "provider.connection.created"


async def test_headers_are_svixs() -> None:
    message = await one_message()

    assert message.method == "POST"
    assert message.headers["content-type"] == "application/json"
    assert re.fullmatch(r"msg_[0-9A-Za-z]+", message.headers["svix-id"])
    assert message.headers["svix-signature"].startswith("v1,")


async def test_secret_can_be_changed_and_stays_when_none_is_given() -> None:
    async with sending(clock=FixedClock(today())) as junction:
        await junction.set_up(secret=OTHER)
        await junction.set_up(repeat=0)
        await junction.say("connected")
        [message] = await junction.turn()

    Webhook(OTHER).verify(message.body, message.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(message.body, message.headers)


async def test_time_of_the_signature_is_that_of_the_attempt_by_the_real_clock() -> None:
    """One that had the event's time, or the turned clock's, would be refused when it comes."""
    clock = FixedClock(today())
    async with sending(REFUSED, clock=clock) as junction:
        await junction.say("connected")
        await junction.turn()
        clock.advance(timedelta(minutes=2))
        first, again = await junction.turn(timedelta(hours=1))

    then, now = int(first.headers["svix-timestamp"]), int(again.headers["svix-timestamp"])
    assert now - then == 120
    Webhook(SECRET).verify(again.body, again.headers)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_?", "whsec_YQ", "dGhlIHNlY3JldA==", "whsec_ü"]
)
def test_what_is_no_secret_of_svixs_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"whsec_|base64|padding|ASCII"):
        key_of(secret)
