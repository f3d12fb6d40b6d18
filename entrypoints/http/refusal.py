"""A refusal by the server itself, made to run as uvicorn runs a request."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from domain.errors import LinkingError
from entrypoints.http import errors
from entrypoints.http.request_id import RequestIds
from entrypoints.http.request_log import RequestLog


def refusal(protocol: HttpToolsProtocol, error: LinkingError) -> tuple[RequestResponseCycle, Any]:
    """The last cycle of a connection, and the small application that answers with `error`."""
    scope: Any = {
        "method": "another",
        **protocol.scope,
        "state": {**protocol.app_state, "failure": error},
    }
    cycle = RequestResponseCycle(
        scope=scope,
        transport=protocol.transport,
        flow=protocol.flow,
        logger=protocol.logger,
        access_logger=protocol.access_logger,
        access_log=False,
        default_headers=protocol.server_state.default_headers,
        message_event=asyncio.Event(),
        expect_100_continue=False,
        keep_alive=False,
        on_response=protocol.on_response_complete,
    )
    return cycle, RequestIds(RequestLog(errors.answer(error)))
