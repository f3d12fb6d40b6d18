"""The endpoints about connections that exist; see `routes`."""

from starlette.requests import Request
from starlette.responses import Response

from domain.identifiers import Caller, ConnectionId
from entrypoints.http.authentication import caller_of
from entrypoints.http.codec import given, json, nothing, read_query
from entrypoints.http.schemas import (
    ConnectionResponse,
    ConnectionsResponse,
    EventsQuery,
    EventsResponse,
)
from entrypoints.http.state import State


async def list_connections(request: Request[State]) -> Response:
    caller = await caller_of(request)
    connections = await request.state["lifecycle"].list_for(caller)
    return json(ConnectionsResponse([ConnectionResponse.of(each) for each in connections]))


async def one_connection(request: Request[State]) -> Response:
    caller = await caller_of(request)
    connection_id = ConnectionId(request.path_params["id"])
    answer = _disconnect if request.method == "DELETE" else _get
    return await answer(request, caller, connection_id)


async def list_events(request: Request[State]) -> Response:
    caller = await caller_of(request)
    query = read_query(request, EventsQuery)
    connection_id = ConnectionId(request.path_params["id"])
    events = await request.state["lifecycle"].history(
        caller, connection_id, before=given(query.before), limit=query.limit + 1
    )
    return json(EventsResponse.page(events, limit=query.limit))


async def _get(request: Request[State], caller: Caller, connection_id: ConnectionId) -> Response:
    connection = await request.state["lifecycle"].get(caller, connection_id)
    return json(ConnectionResponse.of(connection))


async def _disconnect(
    request: Request[State], caller: Caller, connection_id: ConnectionId
) -> Response:
    await request.state["lifecycle"].disconnect(caller, connection_id)
    return nothing()
