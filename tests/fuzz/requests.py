"""Requests such as nobody sends: parts that are right, parts that are nearly so, and noise."""

from dataclasses import dataclass
from typing import Final

import msgspec
from hypothesis import strategies as st
from starlette.types import Message

from adapters.clock import SystemClock
from tests.http.calls import CONNECTIONS, EXCHANGE, MINT
from tests.signing import WEBHOOK, signed

KNOWN_PATHS: Final = (
    EXCHANGE,
    MINT,
    CONNECTIONS,
    f"{CONNECTIONS}/01a20536-5306-788b-8971-fd6028972fbc",
    f"{CONNECTIONS}/01a20536-5306-788b-8971-fd6028972fbc/events",
    WEBHOOK,
    "/livez",
    "/readyz",
    "/openapi.json",
    "/",
    "/staging/page.js",
    "",
    f"{EXCHANGE}/",
    "//v1/wearables/connections",
    f"{CONNECTIONS}/../connections",
    f"{CONNECTIONS}/01A20536-5306-788B-8971-FD6028972FBC\n",
)

_TOKENS: Final = ("link-test-connected", "link-test-pending", "link-test-expired", "unknown", "")

_HEADERS: Final = (
    (b"authorization", b"Bearer staging.demo"),
    (b"authorization", b"Bearer staging."),
    (b"authorization", b"bearer  staging.\xc3\xbc"),
    (b"content-type", b"application/json"),
    (b"content-type", b"APPLICATION/JSON;charset=\xff"),
    (b"content-length", b"-1"),
    (b"transfer-encoding", b"gzip"),
    (b"x-request-id", b"a\r\nset-cookie: b"),
    (b"x-request-id", b"a"),
    (b"traceparent", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01"),
    (b"traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"),
    (b"origin", b"null"),
    (b"access-control-request-method", b"POST"),
    (b"expect", b"100-continue"),
    (b"host", b""),
)

# Of those that get past the doors there are enough only if they are dealt on purpose.
_ADMITTED: Final = [_HEADERS[0], _HEADERS[3]]

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(_TOKENS)
    | st.sampled_from(["oura", "garmin", "apple_health_kit", "OURA", "https://app.example", "a:b"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)
members = st.sampled_from(["link_token", "provider", "redirect_url", "Link_Token", "", "\x00"])
objects = st.dictionaries(members | st.text(), values, max_size=5)

# Numbers beyond any type, halves of characters, members twice: what no encoder would write.
oddities = st.sampled_from(
    [
        b'{"link_token": "link-test-connected", "link_token": "unknown"}',
        b'{"link_token": "a", "x": 1e999}',
        b'{"link_token": "a", "x": ' + b"9" * 5_000 + b"}",
        b'{"link_token": "\\ud800"}',
        b'{"link_token": "\\u0000"}',
        b'{"link_token": "a", "provider": "oura", "provider": null}',
        b'{"link_token": "a", "x": ' + b"[" * 50_000,
        b'{"link_token": "a"}\x00',
        b'\xef\xbb\xbf{"link_token": "a"}',
        b'{"link_token": "\xff"}',
        b"NaN",
    ]
)
exchanges = st.fixed_dictionaries(
    {"link_token": st.sampled_from(_TOKENS)}, optional={"provider": values, "x": values}
)
written = (objects | exchanges).map(msgspec.json.encode)
too_large = st.just(b" " * 66_000)
bodies = written | oddities | too_large | st.binary(max_size=200) | st.just(b"")
headers = st.tuples(st.binary(max_size=20).map(bytes.lower), st.binary(max_size=50))


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    messages: list[Message]

    @property
    def leaves(self) -> bool:
        """The client goes away in the middle of its body."""
        return not self.messages or self.messages[-1].get("more_body", False)


def parted(body: bytes, cuts: list[int]) -> list[Message]:
    ends = sorted(cut % (len(body) + 1) for cut in cuts)
    parts = [body[a:b] for a, b in zip([0, *ends], [*ends, len(body)], strict=True)]
    return [
        {"type": "http.request", "body": part, "more_body": n < len(parts)}
        for n, part in enumerate(parts, start=1)
    ]


whole = st.builds(parted, bodies, st.lists(st.integers(min_value=0), max_size=3))
torn = st.builds(lambda messages, kept: messages[:kept], whole, st.integers(0, 3))
strange_headers = st.lists(st.sampled_from(_HEADERS) | headers, max_size=3)

# Past the doors, so that the body is read.
admitted = st.builds(
    Sent,
    method=st.just("POST"),
    path=st.sampled_from([EXCHANGE, MINT]),
    query=st.binary(max_size=10),
    headers=st.sampled_from([_ADMITTED, _ADMITTED, _ADMITTED[:1]]),
    messages=whole | torn,
)
stranger = st.builds(
    Sent,
    method=st.sampled_from(["POST", "GET", "HEAD", "DELETE", "OPTIONS"]) | st.text(),
    path=st.sampled_from(KNOWN_PATHS) | st.text().map("/v1/wearables/".__add__),
    query=st.binary(max_size=30),
    headers=st.builds(list.__add__, st.sampled_from([[], _ADMITTED]), strange_headers),
    messages=whole | torn,
)


def told(body: bytes) -> Sent:
    """A webhook of that body, well signed."""
    now = int(SystemClock().now().timestamp())
    headers = [(name.encode(), value.encode()) for name, value in signed(body, timestamp=now)]
    return Sent("POST", WEBHOOK, b"", headers, parted(body, []))


events = st.fixed_dictionaries(
    {"event_type": st.sampled_from(["provider.connection.created", "daily.data.x.y"]) | values},
    optional={"user_id": values, "client_user_id": values, "team_id": values, "data": values},
)
webhooks = st.builds(told, events.map(msgspec.json.encode) | bodies)
requests = admitted | stranger | webhooks
