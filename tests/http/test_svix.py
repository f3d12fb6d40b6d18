"""Our reading of Svix's signatures against the two libraries that know them.

They read the computer's clock, so that this is told by it as well; no time here is near an edge.
"""

import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import pytest
import standardwebhooks
import svix.webhooks
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from adapters.clock import SystemClock
from domain.secret import Secret
from entrypoints.http.failures import InvalidSignature
from entrypoints.http.svix import Signature
from entrypoints.webhook_settings import STAGING_SECRET
from tests.signing import signed

Sent = dict[str, str]
Verify = Callable[[bytes, Sent, str], object]


def standard(body: bytes, headers: Sent, secret: str) -> object:
    return standardwebhooks.Webhook(secret).verify(body, headers, json_parse=False)


def svixs(body: bytes, headers: Sent, secret: str) -> object:
    svix.webhooks.Webhook(secret).verify(body, headers)
    return None


FAMILIES: Final[dict[str, Verify]] = {"webhook": standard, "svix": svixs}

each_library = pytest.mark.parametrize("family", FAMILIES)

secrets = st.binary(min_size=24, max_size=64).map(lambda key: f"whsec_{b64encode(key).decode()}")
ids = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)
bodies = st.text().map(str.encode) | st.just(json.dumps({"event_type": "a"}).encode())
ages = st.integers(-240, 240)


def ours(body: bytes, headers: Sent, secret: str) -> bool:
    try:
        Signature.of(Headers(headers), now=SystemClock().now()).check(body, [Secret(secret)])
    except InvalidSignature:
        return False
    return True


def theirs(family: str, body: bytes, headers: Sent, secret: str) -> bool | None:
    """None where they let an error out that is not theirs."""
    try:
        FAMILIES[family](body, headers, secret)
    except standardwebhooks.WebhookVerificationError:
        return False
    except ValueError:  # those of base64 and of UTF-8 too
        return None
    return True


def now_and(seconds: int) -> int:
    return int(SystemClock().now().timestamp()) + seconds


@each_library
@given(body=bodies, secret=secrets, message_id=ids, age=ages)
def test_what_they_sign_we_take(
    family: str, body: bytes, secret: str, message_id: str, age: int
) -> None:
    at = now_and(age)
    library: Any = standardwebhooks if family == "webhook" else svix.webhooks
    signature = library.Webhook(secret).sign(
        message_id, datetime.fromtimestamp(at, UTC), body.decode()
    )

    assert ours(
        body,
        {
            f"{family}-id": message_id,
            f"{family}-timestamp": str(at),
            f"{family}-signature": signature,
        },
        secret,
    )


@each_library
@given(body=bodies, secret=secrets, message_id=ids, age=ages)
def test_what_is_signed_as_we_read_it_they_take(
    family: str, body: bytes, secret: str, message_id: str, age: int
) -> None:
    headers = dict(
        signed(body, timestamp=now_and(age), message_id=message_id, secret=secret, family=family)
    )

    assert ours(body, headers, secret)
    assert theirs(family, body, headers, secret)


JUNK: Final = (
    " ",
    ",",
    "=",
    "v1",
    "v1,",
    "v2,",
    "\n",
    "\x00",
    "\xff",
    "+",
    "-",
    "_",
    "0",
    ".",
    "A",
)


def bent(text: str, wrong: str, at: int, over: int) -> str:
    at %= len(text) + 1
    return text[:at] + wrong + text[at + over :]


Bend = Callable[[str], str]
bends: st.SearchStrategy[Bend] = st.builds(
    lambda wrong, at, over: lambda text: bent(text, wrong, at, over),
    st.sampled_from(JUNK) | st.text(st.characters(max_codepoint=0xFF), max_size=3),
    st.integers(min_value=0, max_value=100),
    st.integers(0, 3),
) | st.sampled_from(
    [
        lambda text: f"v1,AAAA {text}",
        lambda text: f"v2,AAAA {text} v1,AAAA",
        lambda text: f"{text} {text}",
        lambda text: f"0{text}",
        lambda text: text.upper(),
    ]
)
parts = st.sampled_from(["id", "timestamp", "signature", "body", "nothing"])


@pytest.mark.parametrize("family", FAMILIES)
def test_on_what_is_bent_we_agree_or_are_the_stricter(family: str) -> None:
    verdicts: Counter[tuple[bool, bool | None]] = Counter()

    @given(body=bodies, message_id=ids, age=ages, part=parts, bend=bends)
    @example(body=b"{}", message_id="m", age=0, part="timestamp", bend=lambda text: f"0{text}")
    def compare(body: bytes, message_id: str, age: int, part: str, bend: Bend) -> None:
        headers = dict(signed(body, timestamp=now_and(age), message_id=message_id, family=family))
        name = f"{family}-{part}"
        if name in headers:
            headers[name] = bend(headers[name])
        if part == "body":
            body = bend(body.decode()).encode()

        told, said = (
            ours(body, headers, STAGING_SECRET),
            theirs(family, body, headers, STAGING_SECRET),
        )

        verdicts[told, said] += 1
        if said is not None:
            assert told == (said and is_written_plainly(*headers.values()))

    compare()

    assert {(True, True), (False, False), (False, None)} <= verdicts.keys(), verdicts


def is_written_plainly(message_id: str, timestamp: str, signatures: str) -> bool:
    """As a sender writes it. They sign the time anew, and skip what is not base64."""
    return (
        all(" " <= character <= "~" for character in message_id)
        and len(message_id) <= 255
        and timestamp == str(int(float(timestamp)))
        and any(map(is_base64_of_a_digest, signatures.split(" ")))
    )


def is_base64_of_a_digest(signature: str) -> bool:
    version, _, text = signature.partition(",")
    return version == "v1" and b64encode(b64decode(text)).decode() == text and len(text) == 44
