"""JunctionGateway over HTTP.

Paths and shapes: Junction's OpenAPI document 0.4.687. Every call here is safe to repeat, POSTs
too: a user who was made is found in the conflict, and a link token that nobody saw opens nothing.
"""

import asyncio
import os
from collections.abc import Container, Sequence
from functools import partial
from typing import Final
from urllib.parse import quote

import aiohttp
import msgspec
import structlog
from yarl import URL

from adapters import upstream_http
from adapters.junction import wire
from adapters.junction.reply import Reply, read_reply
from adapters.resilience.attempts import Attempts, Sleep
from adapters.resilience.circuit_breaker import CircuitOpen
from domain.identifiers import JunctionUser, JunctionUserId, PatientId
from domain.junction_errors import JunctionBadResponse, JunctionTimeout, JunctionUnavailable
from domain.link_token import LinkToken
from domain.provider import Listing, Slug
from ports.clock import Clock
from ports.junction_gateway import MintedLink
from ports.tracing import TRACE, Trace

_log: Final = structlog.get_logger()

_user: Final = msgspec.json.Decoder(wire.User)
_conflict: Final = msgspec.json.Decoder(wire.Conflict)
_link_token: Final = msgspec.json.Decoder(wire.LinkTokenResponse)
_providers: Final = msgspec.json.Decoder(wire.Providers)
_ended: Final = msgspec.json.Decoder(wire.Ended)


class HttpJunctionGateway:
    """One for the process: what it learns of Junction's health counts for every caller."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        clock: Clock,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._session = session
        self._base_url = URL(base_url, encoded=True)
        self._base_path = self._base_url.raw_path.rstrip("/")
        self._clock = clock
        self.attempts = Attempts(clock, upstream="junction", sleep=sleep)

    async def find_or_create_user(self, patient_id: PatientId, *, by: float) -> JunctionUser:
        return await self.find_user(patient_id, by=by) or await self._create_user(patient_id, by)

    async def find_user(self, patient_id: PatientId, *, by: float) -> JunctionUser | None:
        found = await self._request(
            "find_user", "GET", f"/v2/user/resolve/{_segment(patient_id)}", by=by
        )
        if found.status == 404:
            return None
        if found.status != 200:
            raise found.refusal()
        return wire.decode(_user, found.body).as_user_of(patient_id)

    async def mint_link_token(
        self,
        user_id: JunctionUserId,
        *,
        slugs: Sequence[Slug],
        redirect_url: str | None,
        by: float,
    ) -> MintedLink:
        body: dict[str, object] = {"user_id": user_id}
        if len(slugs) == 1:
            body["provider"] = slugs[0]  # Link then goes straight to that provider's sign-in
        elif slugs:
            body["filter_on_providers"] = slugs
        if redirect_url is not None:
            body["redirect_url"] = redirect_url
        reply = await self._request("mint_link_token", "POST", "/v2/link/token", body, by=by)
        if reply.status != 200:
            raise reply.refusal()
        minted = wire.decode(_link_token, reply.body)
        return MintedLink(token=LinkToken(minted.link_token), web_url=minted.link_web_url)

    async def list_providers(self, user_id: JunctionUserId, *, by: float) -> list[Listing] | None:
        reply = await self._request(
            "list_providers", "GET", f"/v2/user/providers/{_segment(user_id)}", by=by
        )
        if reply.status == 404:
            return None
        if reply.status != 200:
            raise reply.refusal()
        return [row.as_listing() for row in wire.decode(_providers, reply.body).providers]

    async def deregister(self, user_id: JunctionUserId, slug: Slug, *, by: float) -> None:
        # 422: a word that Junction does not know for a provider, or no more.
        path = f"/v2/user/{_segment(user_id)}/{_segment(slug)}"
        await self._end("deregister", path, none_there={404, 422}, by=by)

    async def delete_user(self, user_id: JunctionUserId, *, by: float) -> None:
        # 404: unknown, or to be erased already.
        await self._end("delete_user", f"/v2/user/{_segment(user_id)}", none_there={404}, by=by)

    async def _end(
        self, operation: str, path: str, *, none_there: Container[int], by: float
    ) -> None:
        reply = await self._request(operation, "DELETE", path, by=by)
        if reply.status in none_there:
            return
        if reply.status != 200:
            raise reply.refusal()
        wire.decode(_ended, reply.body).require_success()

    async def _create_user(self, patient_id: PatientId, by: float) -> JunctionUser:
        made = await self._request(
            "create_user", "POST", "/v2/user", {"client_user_id": patient_id}, by=by
        )
        if made.status == 200:
            return wire.decode(_user, made.body).as_user_of(patient_id)
        if made.status != 400:
            raise made.refusal()
        try:
            conflict = wire.decode(_conflict, made.body)
        except JunctionBadResponse:
            # A conflict that names nobody is how the sandbox says that its 50 users are full.
            _log.error("junction_sandbox_full", status=made.status)
            raise
        user_id = JunctionUserId(str(conflict.detail.user_id))
        return JunctionUser(id=user_id, patient_id=patient_id, team_id=None)

    async def _request(
        self, operation: str, method: str, path: str, body: object = None, *, by: float
    ) -> Reply:
        send = partial(self._send, method, path, body)
        try:
            return await self.attempts.make(operation, send, by=by)
        except CircuitOpen as error:
            raise JunctionUnavailable(error.retry_after) from error
        except TimeoutError as error:
            raise JunctionTimeout from error
        except (aiohttp.ClientResponseError, upstream_http.BodyTooLarge) as error:  # not HTTP
            raise JunctionBadResponse from error
        except aiohttp.ClientError as error:
            raise JunctionUnavailable from error

    async def _send(self, method: str, path: str, body: object) -> Reply:
        async with self._session.request(
            method,
            self._base_url.with_path(self._base_path + path, encoded=True),
            data=None if body is None else msgspec.json.encode(body),
            headers={"traceparent": _traceparent()},
            allow_redirects=False,  # a redirect would carry the API key along
        ) as response:
            return await read_reply(response, self._clock)


def open_session(api_key: str) -> aiohttp.ClientSession:
    """A session that bears our team's key; see `upstream_http.open_session`."""
    session = upstream_http.open_session(
        {"Content-Type": "application/json", "X-Vital-API-Key": api_key}
    )
    # aiohttp would send a GET that was not answered again by itself, whatever may be repeated; its
    # own test client turns that off in the same way.
    session._retry_connection = False  # noqa: SLF001  (there is no other way)
    return session


def _traceparent() -> str:
    """This call as a span of the request's trace: Junction's support can search for it.

    W3C Trace Context, 3.2: version, trace, parent, flags. A span that nobody records has a name
    all the same.
    """
    trace = TRACE.get() or Trace(os.urandom(16).hex(), "01")
    return f"00-{trace.id}-{trace.span or os.urandom(8).hex()}-{trace.flags}"


def _segment(value: str) -> str:
    if value in {"", ".", ".."}:  # would name another resource: a user for one of their providers
        raise JunctionBadResponse
    return quote(value, safe="")
