"""Headers of webhooks such as no sender writes: each is the same 401, never a defect of ours.

Names and times are signed as they are, so that it is not the signature that gives them away.
"""

from typing import Final

import pytest

from tests.http.calls import AS_DEMO
from tests.http.hooked import AT, CREATED, RIGHT, Sender, refuses, with_signature
from tests.signing import Headers, signature_of, signed

DIGEST: Final = RIGHT.removeprefix("v1,")
ANOTHER: Final = "whsec_dGhlIG9sZCBzZWNyZXQgb2Ygd2ViaG9va3M="


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
    "by another secret": signature_of(
        CREATED, message_id="msg_1", timestamp=str(AT), secret=ANOTHER
    ),
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


def as_sent(text: str) -> str:
    """As a server hands it on: each byte a character."""
    return text.encode().decode("latin-1")
