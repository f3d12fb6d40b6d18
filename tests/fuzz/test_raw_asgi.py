"""Anything at all over the raw ASGI interface: one whole answer of ours, and nothing worse.

`HYPOTHESIS_PROFILE=deep` looks longer.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from openapi_schema_validator import OAS31Validator
from starlette.types import Message, Scope

from entrypoints.container import create_container
from entrypoints.http.app import create_app
from entrypoints.http.openapi import document
from entrypoints.settings import load_settings
from tests.asgi import Client, running
from tests.fuzz.requests import Sent, requests

API: Final[Any] = msgspec.json.decode(document())
STATUSES: Final = {200, 201, 400, 401, 404, 405, 413, 415}
NAME: Final = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
FIELD: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
PATIENCE: Final = 20  # seconds, by which an answer counts as never coming


@dataclass(frozen=True)
class Service:
    """`seen` are the statuses it has answered."""

    client: Client
    path: Path
    seen: set[int] = field(default_factory=set)

    async def answer(self, sent: Sent) -> list[Message]:
        inbox = list(sent.messages)
        outbox: list[Message] = []

        async def receive() -> Message:
            return inbox.pop(0) if inbox else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            outbox.append(message)

        async with asyncio.timeout(PATIENCE):
            await self.client.app(self._scope(sent), receive, send)
        return outbox

    def stored(self) -> list[tuple[Any, ...]]:
        """Everything but the history, to which refusals belong."""
        with closing(sqlite3.connect(self.path)) as connection:
            return [
                row
                for table in ("junction_users", "link_tokens", "connections")
                for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608  (one of these three)
            ]

    def _scope(self, sent: Sent) -> Scope:
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": sent.method,
            "scheme": "http",
            "path": sent.path,
            "raw_path": sent.path.encode(),
            "query_string": sent.query,
            "root_path": "",
            "headers": sent.headers,
            "client": None,
            "server": None,
            "state": dict(self.client.state),
        }


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    path = tmp_path / "staging.db"
    environ = {
        "DATABASE_URL": f"sqlite:///{path}",
        "CORS_ALLOWED_ORIGINS": "https://app.example",
    }
    container = create_container(load_settings(environ, staging=True, public_url=""))
    container.prepare_storage()
    async with running(create_app(container)) as client:
        service = Service(client, path)
        yield service
    assert service.seen == STATUSES  # or too little of it was reached


@given(sent=requests)
@settings(
    max_examples=10 * settings().max_examples,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_whatever_is_sent_gets_one_whole_answer(service: Service, sent: Sent) -> None:
    before = service.stored()

    start, *rest = await service.answer(sent)

    service.seen.add(start["status"])
    body = b"".join(message.get("body", b"") for message in rest)
    assert [message["type"] for message in (start, *rest)] == [
        "http.response.start",
        *["http.response.body"] * len(rest),
    ]
    assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [
        False
    ]
    assert start["status"] in STATUSES
    assert_well_formed(start["headers"])
    if start["status"] >= 400:
        assert_refused(sent, body)
        assert service.stored() == before


def assert_well_formed(headers: list[tuple[bytes, bytes]]) -> None:
    sent = dict(headers)
    assert len(sent) == len(headers)
    assert NAME.fullmatch(sent[b"x-request-id"])
    assert all(FIELD.fullmatch(value) for value in sent.values())


def assert_refused(sent: Sent, body: bytes) -> None:
    """In the body of every error; one who left in the middle is told nothing at all."""
    if not (sent.leaves and body == b""):
        schema = API["components"]["schemas"]["ErrorResponse"]
        OAS31Validator(schema).validate(msgspec.json.decode(body))
