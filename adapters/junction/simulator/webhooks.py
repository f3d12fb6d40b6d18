"""The simulated Junction's webhooks: what it sends by itself, where to, and what goes wrong."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import aiohttp
import msgspec

from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import SimulatedUser
from adapters.junction.simulator.outbox import Delivery, Outbox, State
from adapters.junction.simulator.payloads import Payload, link_event
from adapters.junction.simulator.svix import new_message_id, signed
from domain.provider import Listing
from domain.secret import Secret
from ports.clock import Clock

_PATIENCE: Final = aiohttp.ClientTimeout(total=15)  # Junction docs, webhooks/retry-policy

_encoder: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where messages go, and what befalls them on the way.

    Without a `url` none is sent, as for a team that has set up no endpoint. `corrupt`, like the
    address and the secret, is of each attempt; all else is of each message when it is made:
    `repeat` it so many times more, `delay` it by seconds of the outbox's clock, `swap` it with
    the next, or `lose` it.
    """

    url: str | None
    secret: Secret
    repeat: int = 0
    delay: float = 0.0
    swap: bool = False
    corrupt: bool = False
    lose: bool = False


class Webhooks:
    """To be entered in the event loop; hears of the model, and sends, until it is left.

    Whom it sends to may be this very process: nobody waits here for an attempt but who asks to.
    """

    def __init__(self, model: JunctionModel, *, clock: Clock, endpoint: Endpoint) -> None:
        self._model = model
        self._clock = clock
        self._endpoint = endpoint
        self._held: list[Delivery] = []
        self.outbox = Outbox(clock, self._attempt)

    async def __aenter__(self) -> Self:
        # A connection is used once: none is left for the receiver to wait for when it stops.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_PATIENCE,
        )
        self._sending = asyncio.create_task(self.outbox.run())
        self._model.on_change = self._tell_of_link
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._model.on_change = None
        self._sending.cancel()
        await asyncio.wait([self._sending])
        await self._session.close()

    @property
    def endpoint(self) -> Endpoint:
        return self._endpoint

    @property
    def deliveries(self) -> list[Delivery]:
        """All that are remembered: those done with, those to be sent, and those held back."""
        return [*self.outbox.done, *self.outbox.pending, *self._held]

    def use(self, endpoint: Endpoint) -> None:
        """Send there from now on; what is held for a swap that is over goes out."""
        self._endpoint = endpoint
        if not endpoint.swap:
            self._release()

    def send(self, payload: Payload) -> None:
        """Have a message sent, with what is to befall it."""
        if self._endpoint.url is None:
            return
        copies = self._copies(payload)
        if self._endpoint.lose:
            self.outbox.done.extend(copies)
        elif self._endpoint.swap and not self._held:
            self._held = copies
        else:
            self._put(copies)
            self._release()

    def _copies(self, payload: Payload) -> list[Delivery]:
        message_id, body = new_message_id(), _encoder.encode(payload)
        state = State.LOST if self._endpoint.lose else State.HELD
        return [
            Delivery(
                message_id=message_id,
                client_user_id=payload["client_user_id"],
                event=payload["event_type"],
                body=body,
                state=state,
            )
            for _ in range(1 + self._endpoint.repeat)
        ]

    def _put(self, copies: list[Delivery]) -> None:
        for copy in copies:
            self.outbox.put(copy, delay=self._endpoint.delay)

    def _release(self) -> None:
        held, self._held = self._held, []
        self._put(held)

    def _tell_of_link(self, user: SimulatedUser, listing: Listing) -> None:
        payload = link_event(user, listing, team_id=self._model.team_id)
        if payload is not None:
            self.send(payload)

    async def _attempt(self, delivery: Delivery) -> int | None:
        endpoint = self._endpoint
        if endpoint.url is None:
            return None
        headers = signed(
            delivery.body,
            message_id=delivery.message_id,
            at=self._clock.now(),
            secret=endpoint.secret,
        )
        body = delivery.body + b" " if endpoint.corrupt else delivery.body
        headers["Content-Type"] = "application/json"
        try:
            async with self._session.post(
                endpoint.url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return response.status
        except (aiohttp.ClientError, OSError, ValueError):
            # Some addresses that can be set can neither be looked up nor written down.
            return None
