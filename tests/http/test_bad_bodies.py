"""Bodies that are no JSON or break the contract: refused, with the field's name, not its value."""

import sys

import pytest

from tests.asgi import Client
from tests.http.calls import EXCHANGE, MINT, assert_refused, connections_of, send

# Planted in keys and values; whoever sent them must not read them in the answer.
MARKER = "canary"

UNREADABLE = {
    "empty": b"",
    "white space": b" \n",
    "not JSON": b"canary",
    "form": b"link_token=canary",
    "cut off": b'{"link_token": "canary',
    "trailing bytes": b'{"link_token": "canary"} canary',
    "trailing comma": b'{"link_token": "canary",}',
    "single quotes": b"{'link_token': 'canary'}",
    "comment": b'{"link_token": "canary" /* canary */}',
    "NaN": b'{"link_token": "canary", "canary": NaN}',
    "bare newline": b'{"link_token": "canary\n"}',
    "byte order mark": b'\xef\xbb\xbf{"link_token": "canary"}',
    "UTF-16": '{"link_token": "canary"}'.encode("utf-16"),
    "invalid UTF-8": b'{"link_token": "canary\xff"}',
    "overlong UTF-8": b'{"link_token": "canary\xc0\x80"}',
    "lone surrogate": b'{"link_token": "canary\\ud800"}',
    "lone surrogate in a key": b'{"link_token": "canary", "canary\\ud800": 1}',
    "deep": b'{"link_token": "canary", "canary": ' + b"[" * 60_000,
    "deep and closed": b'{"link_token": "canary", "x": ' + b"[" * 32_000 + b"]" * 32_000 + b"}",
}

if sys.version_info >= (3, 14):  # whose stack has room for as deep as a body can be
    del UNREADABLE["deep and closed"]

NO_OBJECT = {
    "array": b'[{"link_token": "canary"}]',
    "string": b'"canary"',
    "number": b"3",
    "true": b"true",
    "null": b"null",
}

NO_LINK_TOKEN = {
    "missing": b"{}",
    "missing among others": b'{"canary": "canary"}',
    "wrong case": b'{"Link_Token": "canary"}',
    "null": b'{"link_token": null}',
    "number": b'{"link_token": 3}',
    "true": b'{"link_token": true}',
    "empty": b'{"link_token": ""}',
    "array": b'{"link_token": ["canary"]}',
    "object": b'{"link_token": {"canary": "canary"}}',
    "last of two": b'{"link_token": "canary", "link_token": null}',
}

NO_PROVIDER = {
    "null": b"null",
    "number": b"3",
    "empty": b'""',
    "unknown": b'"canary"',
    "wrong case": b'"Oura"',
    "Junction's slug": b'"whoop_v2"',
    "array": b'["canary"]',
    "object": b'{"canary": "canary"}',
    "text like a path": b'"canary - at `$.canary`"',
    "line breaks": b'"canary\\n\\ncanary"',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_unreadable_body_is_refused(client: Client, body: bytes) -> None:
    await refuses(client, EXCHANGE, body, field="body")


@pytest.mark.parametrize("body", NO_OBJECT.values(), ids=NO_OBJECT.keys())
@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_body_that_is_no_object_is_refused(client: Client, path: str, body: bytes) -> None:
    await refuses(client, path, body, field="body")


@pytest.mark.parametrize("body", NO_LINK_TOKEN.values(), ids=NO_LINK_TOKEN.keys())
async def test_body_without_a_usable_link_token_is_refused(client: Client, body: bytes) -> None:
    await refuses(client, EXCHANGE, body, field="link_token")


@pytest.mark.parametrize("provider", NO_PROVIDER.values(), ids=NO_PROVIDER.keys())
@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_provider_that_is_none_of_the_eight_is_refused(
    client: Client, path: str, provider: bytes
) -> None:
    body = b'{"link_token": "link-test-connected", "provider": ' + provider + b"}"

    await refuses(client, path, body, field="provider")


@pytest.mark.parametrize("path", [EXCHANGE, MINT])
async def test_invalid_utf_8_in_an_unknown_member_is_refused(client: Client, path: str) -> None:
    body = b'{"link_token": "link-test-connected", "unknown": "canary\xff"}'

    await refuses(client, path, body, field="body")


@pytest.mark.parametrize(
    "name",
    [name for name in UNREADABLE if name not in {"empty", "invalid UTF-8", "overlong UTF-8"}],
)
async def test_mint_refuses_what_it_cannot_read(client: Client, name: str) -> None:
    await refuses(client, MINT, UNREADABLE[name], field="body")


@pytest.mark.parametrize(
    "redirect_url",
    [
        b"null",
        b"3",
        b'""',
        b'["https://canary.example"]',
        b'"canary"',
        b'"/canary"',
        b'"//canary.example"',
        b'"://canary.example"',
        b'"https:"',
        b'" https://canary.example"',
        b'"https://canary.example/\\n"',
        b'"https://canary.example/\\r\\nSet-Cookie: a=b"',
        b'"https://canary.example/a b"',
        b'"https://canary.example/\\u0000"',
        b'"https://canary.example/\\u00e9"',
        b'"https://canary.example/' + b"a" * 3000 + b'"',
    ],
    ids=lambda value: value[:40].decode(),
)
async def test_redirect_url_that_is_no_absolute_uri_is_refused(
    client: Client, redirect_url: bytes
) -> None:
    body = b'{"redirect_url": ' + redirect_url + b"}"

    await refuses(client, MINT, body, field="redirect_url")


async def refuses(client: Client, path: str, body: bytes, *, field: str) -> None:
    answer = await send(client, path, body)

    assert_refused(answer, 400, "validation_error")
    assert answer.json["message"].startswith(f"{field}: ")
    assert MARKER not in answer.body.decode()
    assert len(answer.body) < 200
    assert await connections_of(client) == []
