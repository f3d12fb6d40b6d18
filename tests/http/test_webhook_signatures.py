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
from tests.http.calls import AS_DEMO, assert_refused
from tests.http.hooked import AT, CREATED, Sender, at_noon, with_secrets
from tests.signing import Headers, signature_of, signed

OLD: Final = "whsec_dGhlIG9sZCBzZWNyZXQgb2Ygd2ViaG9va3M="
NEW: Final = "whsec_dGhlIG5ldyBzZWNyZXQgb2Ygd2ViaG9va3M="
RIGHT: Final = signature_of(CREATED, message_id="msg_1", timestamp=str(AT))
DIGEST: Final = RIGHT.removeprefix("v1,")


@pytest.fixture
def clock(container: Container) -> FixedClock:
    return at_noon(container)


@pytest.fixture
async def sender(container: Container, clock: FixedClock) -> AsyncIterator[Sender]:
    async with running(create_app(container)) as client:
        yield Sender(client)


@pytest.fixture
async def rotating(container: Container) -> AsyncIterator[Sender]:
    """It has two secrets, neither of which is staging's."""
    settings = with_secrets(container, Secret(OLD), Secret(NEW))
    async with running(create_app(settings)) as client:
        yield Sender(client)


def with_signature(signature: str) -> Headers:
    return [("svix-id", "msg_1"), ("svix-timestamp", str(AT)), ("svix-signature", signature)]


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


HOSTILE_TIMES: Final = {
    "five minutes and a second ago": str(AT - 301),
    "five minutes and a second ahead": str(AT + 301),
    "empty": "",
    "plus": f"+{AT}",
    "minus": f"-{AT}",
    "space before": f" {AT}",
    "space behind": f"{AT} ",
    "newline": f"{AT}\n",
    "NUL": f"{AT}\x00",
    "underscore": f"{AT // 1000}_{AT % 1000:03}",
    "leading zero": f"0{AT}",
    "fraction": f"{AT}.0",
    "exponent": f"{AT / 1e9}e9",
    "infinite": "inf",
    "1e400": "1e400",
    "not a number": "nan",
    "hexadecimal": hex(AT),
    "milliseconds": f"{AT}000",
    "20 digits": "9" * 20,
    "11 digits": "9" * 11,
    "thousands of digits": "9" * 5000,
    "zero": "0",
    "superscript": f"{AT // 10}\xb2",
    "Arabic digits": "".join(chr(0x660 + int(digit)) for digit in str(AT)),
    "two": f"{AT},{AT}",
    "date": "2026-11-22T12:00:00Z",
}


@pytest.mark.parametrize("timestamp", HOSTILE_TIMES.values(), ids=HOSTILE_TIMES.keys())
async def test_message_of_another_time_is_refused_though_it_is_signed(
    sender: Sender, timestamp: str
) -> None:
    headers = signed(CREATED, timestamp=timestamp)

    await refuses(sender, [(name, as_sent(value)) for name, value in headers])


HOSTILE_NAMES: Final = {
    "empty": "",
    "256 characters": "m" * 256,
    "huge": "m" * 15_000,
    "NUL": "msg\x00",
    "newline": "msg_1\n",
    "tab": "msg\t1",
    "delete": "msg\x7f",
    "not ASCII": "msg_\xe9",
}


@pytest.mark.parametrize("name", HOSTILE_NAMES.values(), ids=HOSTILE_NAMES.keys())
async def test_message_of_an_unspeakable_name_is_refused_though_it_is_signed(
    sender: Sender, name: str
) -> None:
    headers = signed(CREATED, message_id=name, timestamp=AT)

    await refuses(sender, [(header, as_sent(value)) for header, value in headers])


HOSTILE_SIGNATURES: Final = {
    "empty": "",
    "space": " ",
    "comma": ",",
    "version only": "v1",
    "version and comma": "v1,",
    "no version": DIGEST,
    "no comma": f"v1{DIGEST}",
    "comma behind": f"{RIGHT},",
    "two commas": f"v1,,{DIGEST}",
    "third part": f"{RIGHT},x",
    "space for comma": f"v1 {DIGEST}",
    "space inside": f"v1, {DIGEST}",
    "comma for space": f"v1,AAAA,{RIGHT}",
    "another version": f"v2,{DIGEST}",
    "asymmetric version": f"v1a,{DIGEST}",
    "version in capitals": f"V1,{DIGEST}",
    "no padding": RIGHT.rstrip("="),
    "padding twice": f"{RIGHT}=",
    "other spelling of the last byte": f"{RIGHT[:-2]}{chr(ord(RIGHT[-2]) + 1)}=",
    "not base64": f"v1,!{DIGEST}",
    "newline inside": f"{RIGHT[:9]}\n{RIGHT[9:]}",
    "NUL": f"{RIGHT}\x00",
    "not ASCII": f"{RIGHT}\xff",
    "short": RIGHT[:-5],
    "hexadecimal": "v1," + "ab" * 32,
    "of another message": signature_of(CREATED, message_id="msg_2", timestamp=str(AT)),
    "of another time": signature_of(CREATED, message_id="msg_1", timestamp=str(AT + 1)),
    "of another body": signature_of(b"{}", message_id="msg_1", timestamp=str(AT)),
    "by another secret": signature_of(CREATED, message_id="msg_1", timestamp=str(AT), secret=OLD),
    "seventeenth": " ".join(["v1,AAAA"] * 16 + [RIGHT]),
    "thousands": " ".join(["v1,AAAA"] * 2000),
    "huge": "v1," + "A" * 15_000,
}


@pytest.mark.parametrize("signature", HOSTILE_SIGNATURES.values(), ids=HOSTILE_SIGNATURES.keys())
async def test_signature_that_is_not_the_senders_is_refused(
    sender: Sender, signature: str
) -> None:
    await refuses(sender, with_signature(signature))


SVIX: Final = signed(CREATED, timestamp=AT)
STANDARD: Final = signed(CREATED, timestamp=AT, family="webhook")
HOSTILE_SETS: Final[dict[str, Headers]] = {
    "none": [],
    "bearer token": [AS_DEMO],
    "no id": SVIX[1:],
    "no timestamp": [SVIX[0], SVIX[2]],
    "no signature": SVIX[:2],
    "id twice": [SVIX[0], *SVIX],
    "timestamp twice": [*SVIX, SVIX[1]],
    "signature twice": [*SVIX, SVIX[2]],
    "all twice": SVIX * 2,
    "families mixed": [STANDARD[0], *SVIX[1:]],
    "one of svix among the others": [*STANDARD, SVIX[2]],
    "other names": [(f"x-{name}", value) for name, value in SVIX],
}


@pytest.mark.parametrize("headers", HOSTILE_SETS.values(), ids=HOSTILE_SETS.keys())
async def test_headers_that_are_not_one_whole_family_are_refused(
    sender: Sender, headers: Headers
) -> None:
    await refuses(sender, headers)


@pytest.mark.parametrize(
    "body",
    [b"", CREATED + b" ", CREATED[:-1], b"\xff", b"not JSON", b"[" * 100_000],
    ids=["empty", "longer", "shorter", "no UTF-8", "no JSON", "deep"],
)
async def test_body_that_was_not_signed_is_refused_before_it_is_decoded(
    sender: Sender, body: bytes
) -> None:
    assert_refused(await sender.put(SVIX, body), 401, "invalid_signature")


async def test_our_clock_is_the_one_that_counts(sender: Sender, clock: FixedClock) -> None:
    clock.step(timedelta(hours=1))

    await refuses(sender, SVIX)
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
    await refuses(Sender(client), SVIX[:2])
    assert read == 0
    assert (await Sender(client).put(SVIX)).status == 200
    assert read > 0


async def refuses(sender: Sender, headers: Headers) -> None:
    answer = await sender.put(headers)

    assert_refused(answer, 401, "invalid_signature")
    assert answer.json["message"] == "The signature of this message is not valid."
    assert "www-authenticate" not in answer.headers


def as_sent(text: str) -> str:
    """As a server hands it on: each byte a character."""
    return text.encode().decode("latin-1")
