"""W3C Trace Context: one trace from the caller, through us, to Junction."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from entrypoints.container import create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.adapters.upstream import Upstream, reply, upstream
from tests.asgi import Client, running

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@dataclass(frozen=True)
class Traced:
    client: Client
    junction: Upstream

    async def sent_to_junction(self, *sent_to_us: str) -> str:
        headers = [
            ("authorization", "Bearer staging.demo"),
            ("content-type", "application/json"),
            *(("traceparent", value) for value in sent_to_us),
        ]
        body = b'{"link_token": "link-test-connected"}'
        await self.client.request(
            "POST", "/v1/wearables/link/exchange", headers=headers, body=body
        )
        return self.junction.received[-1].headers["traceparent"]


@pytest.fixture
async def traced(tmp_path: Path) -> AsyncIterator[Traced]:
    async with upstream(reply(200, {"providers": []})) as junction:
        environ = {
            "DATABASE_URL": f"sqlite:///{tmp_path}/staging.db",
            "JUNCTION_BASE_URL": junction.url,
        }
        container = create_container(load_settings(environ, staging=True, public_url=""))
        container.prepare_storage()
        async with running(create_app(container)) as client:
            yield Traced(client, junction)


@pytest.mark.parametrize("version", ["00", "01"])
@pytest.mark.parametrize("flags", ["00", "01"])
async def test_callers_trace_goes_on_to_junction(traced: Traced, version: str, flags: str) -> None:
    sent = await traced.sent_to_junction(f"{version}-{TRACE}-{PARENT}-{flags}")

    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-{flags}", sent)
    assert PARENT not in sent  # the call to Junction is a span of its own


async def test_trace_begins_here_where_the_caller_has_none(traced: Traced) -> None:
    first, second = await traced.sent_to_junction(), await traced.sent_to_junction()

    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", first)
    assert first[3:35] != second[3:35]


@pytest.mark.parametrize(
    "sent_to_us",
    [
        (f"ff-{TRACE}-{PARENT}-01",),
        (f"00-{'0' * 32}-{PARENT}-01",),
        (f"00-{TRACE}-{'0' * 16}-01",),
        (f"00-{TRACE.upper()}-{PARENT}-01",),
        (f"00-{TRACE}-{PARENT}-01-more",),
        (f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01"),
    ],
    ids=["version ff", "no trace", "no parent", "upper case", "more in version 00", "two"],
)
async def test_malformed_trace_is_not_passed_on(
    traced: Traced, sent_to_us: tuple[str, ...]
) -> None:
    assert TRACE not in await traced.sent_to_junction(*sent_to_us)
