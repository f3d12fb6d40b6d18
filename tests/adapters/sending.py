"""A simulated Junction that sends webhooks, over a real socket, to whatever listens there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from adapters.clock import FixedClock
from adapters.junction.journal import InMemoryJournal
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import SimulatedUser
from adapters.junction.simulator.app import create_simulator
from adapters.junction.simulator.webhooks import Endpoint, Webhooks
from domain.provider import Slug
from domain.secret import Secret
from tests.adapters.upstream import Behaviour, Received, Upstream, reply, upstream
from tests.asgi import Answer, Client, running
from tests.builders import ANNA, NOW

SECRET: Final = "whsec_dGhlIHNlY3JldCBvZiB0aGUgc2ltdWxhdG9y"
TAKEN: Final = reply(200, {"received": True})
REFUSED: Final = reply(500, b"")
OURA: Final = Slug("oura")
ANNAS_OURA: Final = "/_simulator/users/anna/providers/oura"


@dataclass(frozen=True)
class Sending:
    """`anna` is a user of this Junction; no time passes for it, unless it is turned."""

    client: Client
    model: JunctionModel
    anna: SimulatedUser
    webhooks: Webhooks
    receiver: Upstream

    async def say(self, status: str | None, slug: str = "oura") -> None:
        path = f"/_simulator/users/anna/providers/{slug}"
        answer = await self.put(path, {"status": status})
        assert answer.status == 204

    async def set_up(self, **members: object) -> None:
        """The endpoint, with what befalls the messages on their way to it."""
        body = {"url": self.receiver.url} | members
        assert (await self.put("/_simulator/webhooks", body)).status == 204

    async def turn(self, by: timedelta = timedelta()) -> list[Received]:
        """What has arrived once that time has passed."""
        answer = await self.client.post("/_simulator/clock", {"advance": by.total_seconds()})
        assert answer.status == 204
        return self.receiver.received

    async def messages(self) -> list[dict[str, Any]]:
        answer = await self.client.get("/_simulator/webhooks")
        messages: list[dict[str, Any]] = answer.json["messages"]
        return messages

    async def put(self, path: str, body: object) -> Answer:
        return await self.client.request("PUT", path, body=msgspec.json.encode(body))


@asynccontextmanager
async def sending(
    *answers: bytes | Behaviour, clock: FixedClock | None = None
) -> AsyncIterator[Sending]:
    """To a receiver that gives these answers."""
    clock = clock or FixedClock(NOW)
    model = JunctionModel(clock=clock, journal=InMemoryJournal())
    async with upstream(*answers or (TAKEN,)) as receiver:
        endpoint = Endpoint(url=receiver.url, secret=Secret(SECRET))
        webhooks = Webhooks(model, clock=clock, endpoint=endpoint)
        simulator = create_simulator(model, link_page="/link", webhooks=webhooks)
        async with running(simulator) as client:
            yield Sending(client, model, model.create_user(ANNA), webhooks, receiver)


def today() -> datetime:
    """Svix's libraries read the computer's clock, and refuse what is not of about now."""
    return datetime.now(UTC)


def events(received: list[Received]) -> list[str]:
    return [message.json["event_type"] for message in received]
