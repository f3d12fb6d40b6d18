"""Bodies of webhooks, well signed: only what is no event at all is refused, for it comes again."""

import sys
from contextlib import suppress
from typing import Any, Final

import pytest

from domain.errors import ValidationError
from domain.junction_event import MessageId
from entrypoints.http.junction_events import read_event
from tests.http.calls import assert_refused
from tests.http.hooked import AT, CREATED, Sender
from tests.signing import signed

LIMIT: Final = 512 * 1024

# Planted in keys and values; it must not be read in the answer.
MARKER: Final = "canary"


UNREADABLE: Final = {
    "empty": b"",
    "white space": b" \n",
    "not JSON": b"canary",
    "form": b"event_type=canary",
    "cut off": b'{"event_type": "canary',
    "trailing bytes": b'{"event_type": "canary"} canary',
    "NaN": b'{"event_type": "canary", "canary": NaN}',
    "byte order mark": b'\xef\xbb\xbf{"event_type": "canary"}',
    "UTF-16": '{"event_type": "canary"}'.encode("utf-16"),
    "invalid UTF-8": b'{"event_type": "canary\xff"}',
    "invalid UTF-8 in what is skipped": b'{"event_type": "canary", "x": {"y": ["\xff"]}}',
    "invalid UTF-8 in the data": b'{"event_type": "canary", "data": {"provider": "\xc0\x80"}}',
    "lone surrogate": b'{"event_type": "canary", "data": {"provider": "\\ud800"}}',
    "deep": b'{"event_type": "canary", "x": ' + b"[" * 500_000,
    "deep and closed": b'{"event_type": "a", "x": ' + b"[" * 250_000 + b"]" * 250_000 + b"}",
    "deep data": b'{"event_type": "a", "data": ' + b"[" * 250_000 + b"]" * 250_000 + b"}",
    "array": b'[{"event_type": "canary"}]',
    "text": b'"canary"',
    "number": b"3",
    "null": b"null",
}

if sys.version_info >= (3, 14):  # whose stack has room for as deep as a body can be
    del UNREADABLE["deep and closed"]
    del UNREADABLE["deep data"]

NO_ENVELOPE: Final = {
    "no type": ("event_type", b"{}"),
    "type in another case": ("event_type", b'{"Event_Type": "canary"}'),
    "null for a type": ("event_type", b'{"event_type": null}'),
    "number for a type": ("event_type", b'{"event_type": 3}'),
    "list for a type": ("event_type", b'{"event_type": ["canary"]}'),
    "empty type": ("event_type", b'{"event_type": ""}'),
    "type of 256 characters": ("event_type", b'{"event_type": "%b"}' % (b"x" * 256)),
    "last of two types": ("event_type", b'{"event_type": "canary", "event_type": null}'),
    "number for a user": ("user_id", b'{"event_type": "a", "user_id": 3}'),
    "object for a user": ("user_id", b'{"event_type": "a", "user_id": {"canary": 1}}'),
    "number for a patient": ("client_user_id", b'{"event_type": "a", "client_user_id": 3}'),
    "list for a team": ("team_id", b'{"event_type": "a", "team_id": ["canary"]}'),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_unreadable_body_is_refused(sender: Sender, body: bytes) -> None:
    await refuses(sender, body, field="body")


@pytest.mark.parametrize(("field", "body"), NO_ENVELOPE.values(), ids=NO_ENVELOPE.keys())
async def test_body_that_is_no_event_is_refused(sender: Sender, field: str, body: bytes) -> None:
    await refuses(sender, body, field=field)


def test_no_depth_of_data_is_a_defect() -> None:
    """What can just be skipped is read once more, from further down the stack."""
    for depth in range(500, 1100):
        nested = b"[" * depth + b"]" * depth
        body = b'{"event_type": "a", "data": {"source": {"slug": ' + nested + b"}}}"
        with suppress(ValidationError):
            assert read_event(body, MessageId("msg_1")).slug is None


@pytest.mark.parametrize(
    "data",
    [None, [], [{"provider": "oura"}], "oura", 7, True, {"provider": 7}, {"source": []}, {"a": 1}],
    ids=str,
)
async def test_odd_data_are_no_reason_to_send_them_again(sender: Sender, data: Any) -> None:
    answer = await sender.send({"event_type": "provider.connection.created", "data": data})

    assert (answer.status, answer.json["matched_connections"]) == (200, 0)


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/json", "a/b; c"])
async def test_any_type_of_content_is_taken(sender: Sender, media_type: str | None) -> None:
    headers = signed(CREATED, timestamp=AT)
    typed = [("content-type", media_type)] if media_type else []

    assert (await sender.put([*headers, *typed])).status == 200


def padded(size: int) -> bytes:
    """An event in exactly `size` bytes."""
    start, end = b'{"event_type": "daily.data.steps.created", "data": ["', b'"]}'
    return start + b"x" * (size - len(start) - len(end)) + end


async def test_body_of_512_kib_is_taken(sender: Sender) -> None:
    assert (await sender.post(padded(LIMIT))).status == 200


@pytest.mark.parametrize("size", [LIMIT + 1, 2 * LIMIT])
async def test_larger_body_is_refused(sender: Sender, size: int) -> None:
    assert_refused(await sender.post(padded(size)), 413, "payload_too_large")


async def test_body_may_come_in_parts(sender: Sender) -> None:
    body = padded(LIMIT)
    parts = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]

    assert (await sender.put(signed(body, timestamp=AT), parts)).status == 200


async def refuses(sender: Sender, body: bytes, *, field: str) -> None:
    answer = await sender.post(body)

    assert_refused(answer, 400, "validation_error")
    assert answer.json["message"].startswith(f"{field}: ")
    assert MARKER not in answer.body.decode()
    assert len(answer.body) < 200
