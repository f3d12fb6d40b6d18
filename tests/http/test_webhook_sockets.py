"""Webhooks through every door there is: our HTTP protocol, its limits, and the gate."""

import pytest

from adapters.clock import FixedClock
from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.http.calls import assert_refused
from tests.http.edge import edge
from tests.http.hooked import AT, CREATED
from tests.signing import WEBHOOK, signed

LARGE = b'{"event_type": "daily.data.steps.created", "data": ["%b"]}' % (b"x" * 520_000)


def posted(body: bytes, **more: bytes) -> bytes:
    """The head of a message; of a header that it has, `more` says what is sent instead."""
    sent = {name: value.encode() for name, value in signed(body, timestamp=AT)}
    sent |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = [b"%b: %b" % (name.encode(), value) for name, value in sent.items()]
    return b"\r\n".join([b"POST %b HTTP/1.1" % WEBHOOK.encode(), b"Host: a", *lines, b"", b""])


@pytest.mark.parametrize("body", [CREATED, LARGE], ids=["small", "large"])
async def test_signed_message_comes_through(
    container: Container, clock: FixedClock, body: bytes
) -> None:
    head = posted(body, content_length=b"%d" % len(body), connection=b"close")
    async with edge(create_app(container)) as server:
        answer = await server.ask(head, body)

    assert (answer.status, answer.json["received"]) == (200, True)


async def test_large_message_comes_through_in_chunks(
    container: Container, clock: FixedClock
) -> None:
    head = posted(LARGE, transfer_encoding=b"chunked", connection=b"close")
    chunks = [LARGE[at : at + 4096] for at in range(0, len(LARGE), 4096)]
    async with edge(create_app(container)) as server:
        answer = await server.ask(
            head, *(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks), b"0\r\n\r\n"
        )

    assert answer.status == 200


@pytest.mark.parametrize("header", ["svix_signature", "svix_id", "svix_timestamp"])
@pytest.mark.parametrize(
    "value", [b"\xff\xfe", b"\xd9\xa1", b"", b"v1,\xe2\x82\xac", b"9" * 9000], ids=ascii
)
async def test_bytes_that_make_no_sense_are_no_signature(
    container: Container, clock: FixedClock, header: str, value: bytes
) -> None:
    bent = {header: value}
    head = posted(b"", content_length=b"0", connection=b"close", **bent)
    async with edge(create_app(container)) as server:
        answer = await server.ask(head)

    assert_refused(answer, 401, "invalid_signature")
