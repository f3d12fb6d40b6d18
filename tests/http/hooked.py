"""The service as Junction's sender of webhooks meets it, at a time of day that a test sets."""

from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from dependency_injector import providers

from adapters.clock import FixedClock, SystemClock
from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from entrypoints.container import Container, create_container
from tests.asgi import Answer, Client
from tests.builders import NOW
from tests.http.calls import assert_refused
from tests.signing import WEBHOOK, Headers, signature_of, signed

CREATED: Final = b'{"event_type": "provider.connection.created", "data": {"provider": "oura"}}'
DEMO: Final = user_id_of(PatientId("demo"))
AT: Final = int(NOW.timestamp())
RIGHT: Final = signature_of(CREATED, message_id="msg_1", timestamp=str(AT))


@dataclass(frozen=True)
class Sender:
    client: Client

    async def send(self, event: object, message_id: str = "msg_1") -> Answer:
        """Post an event, well signed."""
        return await self.post(msgspec.json.encode(event), message_id)

    async def send_now(self, event: object, message_id: str = "msg_1") -> Answer:
        """The same, where the service lives by the computer's clock."""
        body = msgspec.json.encode(event)
        now = int(SystemClock().now().timestamp())
        return await self.put(signed(body, message_id=message_id, timestamp=now), body)

    async def post(self, body: bytes, message_id: str = "msg_1", **how: Any) -> Answer:
        headers = signed(body, message_id=message_id, timestamp=AT, **how)
        return await self.put(headers, body)

    async def put(self, headers: Headers, body: bytes | list[bytes] = CREATED) -> Answer:
        """Post just these headers and this body."""
        return await self.client.request("POST", WEBHOOK, headers=headers, body=body)


def at_noon(container: Container) -> FixedClock:
    """Let the service live at the tests' own time."""
    clock = FixedClock(NOW)
    container.clock.override(providers.Object(clock))
    return clock


def with_secrets(container: Container, *secrets: Any) -> Container:
    """The same service, set up with other secrets."""
    settings = replace(container.settings(), junction_webhook_secrets=secrets)
    other = create_container(settings)
    at_noon(other)
    return other


def with_signature(signature: str) -> Headers:
    return [("svix-id", "msg_1"), ("svix-timestamp", str(AT)), ("svix-signature", signature)]


async def refuses(sender: Sender, headers: Headers) -> None:
    answer = await sender.put(headers)

    assert_refused(answer, 401, "invalid_signature")
    assert answer.json["message"] == "The signature of this message is not valid."
    assert "www-authenticate" not in answer.headers
