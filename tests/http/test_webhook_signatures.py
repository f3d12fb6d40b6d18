"""Signatures of webhooks: whatever is wrong with one is the same 401, and nothing is read."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import pytest
from starlette.types import Message, Receive, Scope, Send

from adapters.clock import FixedClock
from domain.secret import Secret
from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.asgi import Client, running
from tests.http.calls import assert_refused
from tests.http.hooked import AT, CREATED, RIGHT, Sender, refuses, with_secrets, with_signature
from tests.signing import signed

OLD: Final = "whsec_dGhlIG9sZCBzZWNyZXQgb2Ygd2ViaG9va3M="
NEW: Final = "whsec_dGhlIG5ldyBzZWNyZXQgb2Ygd2ViaG9va3M="
DIGEST: Final = RIGHT.removeprefix("v1,")


@pytest.fixture
async def rotating(container: Container) -> AsyncIterator[Sender]:
    """It has two secrets, neither of which is staging's."""
    settings = with_secrets(container, Secret(OLD), Secret(NEW))
    async with running(create_app(settings)) as client:
        yield Sender(client)


@pytest.mark.parametrize("family", ["svix", "webhook"])
async def test_signed_message_is_taken_by_either_name_of_its_headers(
    sender: Sender, family: str
) -> None:
    assert (await sender.post(CREATED, family=family)).status == 200


async def test_whole_family_of_svix_decides_where_both_were_sent(sender: Sender) -> None:
    svix, webhook = signed(CREATED, timestamp=AT), [("webhook-id", "x"), ("webhook-timestamp", "")]

    assert (await sender.put([*webhook, *svix])).status == 200


@pytest.mark.parametrize(
    "signature",
    [
        f"v1,AAAA {RIGHT}",
        f"v1a,{DIGEST} {RIGHT}",
        f"v2,{DIGEST} {RIGHT} v1,AAAA",
        f"nonsense v1 , v1,,  {RIGHT}",
        f"\xff\x00 {RIGHT}",
        " ".join(["v1,AAAA"] * 15 + [RIGHT]),
    ],
    ids=["second", "of another kind", "between others", "junk", "no text", "sixteenth"],
)
async def test_one_right_signature_among_others_is_enough(sender: Sender, signature: str) -> None:
    assert (await sender.put(with_signature(signature))).status == 200


@pytest.mark.parametrize("name", ["m", "m" * 255, "msg 1", "~!"])
async def test_message_may_have_any_printable_name(sender: Sender, name: str) -> None:
    assert (await sender.post(CREATED, name)).status == 200


@pytest.mark.parametrize("seconds", [-300, -1, 0, 299, 300])
async def test_message_of_five_minutes_ago_or_ahead_is_taken(sender: Sender, seconds: int) -> None:
    assert (await sender.put(signed(CREATED, timestamp=AT + seconds))).status == 200


@pytest.mark.parametrize(
    "body",
    [b"", CREATED + b" ", CREATED[:-1], b"\xff", b"not JSON", b"[" * 100_000],
    ids=["empty", "longer", "shorter", "no UTF-8", "no JSON", "deep"],
)
async def test_body_that_was_not_signed_is_refused_before_it_is_decoded(
    sender: Sender, body: bytes
) -> None:
    assert_refused(await sender.put(signed(CREATED, timestamp=AT), body), 401, "invalid_signature")


async def test_our_clock_is_the_one_that_counts(sender: Sender, clock: FixedClock) -> None:
    clock.step(timedelta(hours=1))

    await refuses(sender, signed(CREATED, timestamp=AT))
    assert (await sender.put(signed(CREATED, timestamp=AT + 3600))).status == 200


@pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
async def test_while_secrets_change_each_of_them_is_good(rotating: Sender, secret: str) -> None:
    assert (await rotating.post(CREATED, secret=secret)).status == 200


async def test_secret_of_staging_is_none_where_others_are_set(rotating: Sender) -> None:
    assert_refused(await rotating.post(CREATED), 401, "invalid_signature")


async def test_without_a_signature_the_body_is_not_even_read(sender: Sender) -> None:
    read = 0

    async def counted(scope: Scope, _: Receive, send: Send) -> None:
        async def receive() -> Message:
            nonlocal read
            read += 1
            return {"type": "http.request", "body": CREATED, "more_body": False}

        await sender.client.app(scope, receive, send)

    client = Client(counted, sender.client.state)
    await refuses(Sender(client), signed(CREATED, timestamp=AT)[:2])
    assert read == 0
    assert (await Sender(client).put(signed(CREATED, timestamp=AT))).status == 200
    assert read > 0
