"""What Junction sends by itself: verify, decode, call, encode."""

from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from domain.identifiers import RequestId
from entrypoints.http.codec import json, read_body
from entrypoints.http.failures import WebhooksNotConfigured
from entrypoints.http.junction_events import read_event
from entrypoints.http.schemas import WebhookResponse
from entrypoints.http.state import State
from entrypoints.http.svix import Signature
from entrypoints.http.webhook_figures import Hearing

# Time series come in one piece, and one that is refused for its size is never taken.
_MAX_BODY: Final = 512 * 1024


async def receive_webhook(request: Request[State]) -> Response:
    now = request.state["clock"].now()
    with request.state["webhook_figures"].hearing(now) as hearing:
        return await _hear(request, hearing, now)


async def _hear(request: Request[State], hearing: Hearing, now: datetime) -> Response:
    secrets = request.state["webhook_secrets"]
    if not secrets:
        raise WebhooksNotConfigured
    signature = Signature.of(request.headers, now=now)
    body = await read_body(request, most=_MAX_BODY)
    signature.check(body, secrets)
    event = hearing.event = read_event(body, signature.message_id)
    request_id = RequestId(request.state["request_id"])
    hearing.matched = await request.state["webhooks"].receive(event, request_id)
    return json(
        WebhookResponse(received=True, event=event.name, matched_connections=hearing.matched)
    )
