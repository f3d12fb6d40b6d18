"""The endpoints: decode, call, encode. Failures go to the table in `errors`."""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.link_token import LinkToken
from entrypoints.http import docs
from entrypoints.http.authentication import caller_of
from entrypoints.http.codec import given, json, read_json, read_optional_json
from entrypoints.http.connections import list_connections, list_events, one_connection
from entrypoints.http.metrics import CONTENT_TYPE
from entrypoints.http.schemas import (
    ConnectionResponse,
    ExchangeRequest,
    MintRequest,
    MintResponse,
    ProbeResponse,
)
from entrypoints.http.state import State
from entrypoints.http.webhooks import receive_webhook

_exchange_request: Final = msgspec.json.Decoder(ExchangeRequest)
_mint_request: Final = msgspec.json.Decoder(MintRequest)


async def mint(request: Request[State]) -> Response:
    caller = await caller_of(request)
    body = await read_optional_json(request, _mint_request)
    link = await request.state["linking"].mint(
        caller, provider=given(body.provider), redirect_url=given(body.redirect_url)
    )
    return json(MintResponse.of(link), 201)


async def exchange(request: Request[State]) -> Response:
    caller = await caller_of(request)
    body = await read_json(request, _exchange_request)
    connection = await request.state["linking"].exchange(
        caller, LinkToken(body.link_token), given(body.provider)
    )
    return json(ConnectionResponse.of(connection), 201)


async def live(_: Request[State]) -> Response:
    """The process answers; nothing else is asked."""
    return json(ProbeResponse("ok"))


async def ready(request: Request[State]) -> Response:
    """Requests sent here can be served now."""
    request.state["admission"].check()
    await request.state["storage"].check()
    return json(ProbeResponse("ok"))


async def metrics(request: Request[State]) -> Response:
    """What was counted, for Prometheus. A probe: it is asked without a token."""
    return Response(request.state["metrics"].text(), media_type=CONTENT_TYPE)


async def api_document(_: Request[State]) -> Response:
    from entrypoints.http.openapi import document  # noqa: PLC0415  (few ever ask)

    return Response(document(), media_type="application/json")


ROUTES: Final = (
    Route("/v1/wearables/link/token", mint, methods=["POST"]),
    Route("/v1/wearables/link/exchange", exchange, methods=["POST"]),
    Route("/v1/wearables/connections", list_connections, methods=["GET"]),
    Route("/v1/wearables/connections/{id:uuid}", one_connection, methods=["GET", "DELETE"]),
    Route("/v1/wearables/connections/{id:uuid}/events", list_events, methods=["GET"]),
    Route("/webhooks/junction-link", receive_webhook, methods=["POST"]),
    Route("/livez", live, methods=["GET"]),
    Route("/readyz", ready, methods=["GET"]),
    Route("/metrics", metrics, methods=["GET"]),
    Route("/openapi.json", api_document, methods=["GET"]),
    Route(docs.PATH, docs.docs_page, methods=["GET"]),
    Route(f"{docs.PATH}/{{name}}", docs.docs_asset, methods=["GET"]),
)
