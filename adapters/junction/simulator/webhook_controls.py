"""Where a tester says what the simulated Junction shall send, where to, and what goes wrong.

Not Junction's, like the other controls.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.junction.model import JunctionModel
from adapters.junction.simulator import answers
from adapters.junction.simulator.bodies import Undecodable, decode
from adapters.junction.simulator.outbox import Delivery
from adapters.junction.simulator.payloads import SUMMARIES, data_event
from adapters.junction.simulator.svix import key_of
from adapters.junction.simulator.webhooks import Endpoint, Webhooks
from adapters.junction.wire import WebUrl
from domain.identifiers import PatientId
from domain.provider import Slug
from domain.secret import Secret

Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class _Data(msgspec.Struct, forbid_unknown_fields=True):
    """Data that arrive; `updated_at` is when Junction took them in, which summaries say."""

    resource: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,64}\Z")] = "sleep"
    change: Literal["created", "updated"] = "created"
    updated_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    historical: bool = False

    def __post_init__(self) -> None:
        if self.updated_at and (self.historical or self.resource not in SUMMARIES):
            raise ValueError("updated_at: only a summary has one")
        if self.historical and self.change != "created":
            raise ValueError("change: history is only ever created")

    @property
    def event(self) -> str:
        era = "historical" if self.historical else "daily"
        return f"{era}.data.{self.resource}.{self.change}"


class _Endpoint(msgspec.Struct, forbid_unknown_fields=True):
    """See `Endpoint`. Without a secret the one that was used stays."""

    url: WebUrl | None
    secret: str | None = None
    repeat: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    delay: Seconds = 0.0
    swap: bool = False
    corrupt: bool = False
    lose: bool = False

    def __post_init__(self) -> None:
        if self.secret is not None:
            key_of(self.secret)

    def after(self, before: Endpoint) -> Endpoint:
        secret = Secret(self.secret) if self.secret else before.secret
        return Endpoint(**msgspec.structs.asdict(self) | {"secret": secret})


class _Turn(msgspec.Struct, forbid_unknown_fields=True):
    advance: Seconds


class WebhookControls:
    def __init__(self, model: JunctionModel, webhooks: Webhooks) -> None:
        self._model = model
        self._webhooks = webhooks

    @property
    def routes(self) -> list[Route]:
        data = "/_simulator/users/{client_user_id:path}/providers/{slug}/data"
        return [
            Route(data, self._send_data, methods=["POST"]),
            Route("/_simulator/users/{client_user_id:path}/webhooks", self._show_of_user),
            Route("/_simulator/webhooks", self._show, methods=["GET"]),
            Route("/_simulator/webhooks", self._set_up, methods=["PUT"]),
            Route("/_simulator/clock", self._turn, methods=["POST"]),
        ]

    async def _send_data(self, request: Request) -> Response:
        try:
            body = decode(await request.body(), _Data)
        except Undecodable as error:
            return answers.json({"detail": str(error)}, 422)
        user = self._model.resolve(PatientId(request.path_params["client_user_id"]))
        if user is None:
            return answers.not_found()
        event = data_event(
            body.event,
            user,
            Slug(request.path_params["slug"]),
            at=body.updated_at or self._model.clock.now(),
            team_id=self._model.team_id,
        )
        self._webhooks.send(event)
        return Response(status_code=204)

    async def _show(self, _: Request) -> Response:
        deliveries = self._webhooks.deliveries
        return answers.json(
            {
                "url": self._webhooks.endpoint.url,
                "messages": [_shown(delivery) for delivery in deliveries],
            }
        )

    async def _show_of_user(self, request: Request) -> Response:
        """Nobody else's: what a page of one patient may see."""
        user = request.path_params["client_user_id"]
        deliveries = self._webhooks.deliveries
        return answers.json(
            {"messages": [_shown(each) for each in deliveries if each.client_user_id == user]}
        )

    async def _set_up(self, request: Request) -> Response:
        try:
            body = decode(await request.body(), _Endpoint)
        except Undecodable as error:
            return answers.json({"detail": str(error)}, 422)
        self._webhooks.use(body.after(self._webhooks.endpoint))
        return Response(status_code=204)

    async def _turn(self, request: Request) -> Response:
        """Answers once what has fallen due has been sent, well or not."""
        try:
            body = decode(await request.body(), _Turn)
        except Undecodable as error:
            return answers.json({"detail": str(error)}, 422)
        self._webhooks.outbox.turn(body.advance)
        await self._webhooks.outbox.settle()
        return Response(status_code=204)


def _shown(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.message_id,
        "event": delivery.event,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_status": delivery.last_status,
    }
