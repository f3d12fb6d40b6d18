"""An ASGI application, driven directly: its lifespan, and requests without a socket."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


@dataclass(frozen=True)
class Client:
    app: ASGIApp
    state: dict[str, Any]

    async def request(
        self,
        method: str,
        path: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes | list[bytes] = b"",
        stays: bool = True,
    ) -> Answer:
        """Send one request; a body in several parts arrives in several messages.

        Who does not stay until it is answered hangs up once all is sent.
        """
        parts = [body] if isinstance(body, bytes) else body
        inbox: list[Message] = [
            {"type": "http.request", "body": part, "more_body": n < len(parts)}
            for n, part in enumerate(parts, start=1)
        ]
        outbox: list[Message] = []
        answered = asyncio.Event()

        async def receive() -> Message:
            if inbox:
                return inbox.pop(0)
            if parts and stays:
                await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            outbox.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

        await self.app(self._scope(method, path, headers), receive, send)
        return Answer(
            status=outbox[0]["status"],
            headers={name.decode(): value.decode() for name, value in outbox[0]["headers"]},
            body=b"".join(message.get("body", b"") for message in outbox[1:]),
        )

    async def post(self, path: str, json: object, *, patient: str = "demo") -> Answer:
        headers = [
            ("authorization", f"Bearer staging.{patient}"),
            ("content-type", "application/json"),
        ]
        return await self.request("POST", path, headers=headers, body=msgspec.json.encode(json))

    async def get(self, path: str, *, patient: str = "demo") -> Answer:
        headers = [("authorization", f"Bearer staging.{patient}")]
        return await self.request("GET", path, headers=headers)

    async def delete(self, path: str, *, patient: str = "demo") -> Answer:
        headers = [("authorization", f"Bearer staging.{patient}")]
        return await self.request("DELETE", path, headers=headers)

    def _scope(self, method: str, path: str, headers: Iterable[tuple[str, str]]) -> Scope:
        path, _, query = path.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
            ],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
            "state": dict(self.state),
        }


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[Client]:
    """The application between its start and its stop."""
    state: dict[str, Any] = {}
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}
    lifespan = asyncio.ensure_future(app(scope, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    started = await from_app.get()
    if started["type"] != "lifespan.startup.complete":
        await lifespan  # raises what went wrong
    try:
        yield Client(app, state)
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await lifespan
