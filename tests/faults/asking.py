"""What passes through a step, and what it comes to."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Protocol

import msgspec

from adapters.clock import SystemClock
from adapters.junction.simulated_user import user_id_of
from domain.errors import LinkingError
from domain.identifiers import PatientId
from domain.provider import Slug
from domain.reconciling import Plan
from entrypoints.commands import forget, reconcile
from entrypoints.reconciliation import Ending, Reconciliation
from tests.canary import Canary
from tests.faults.outcomes import Outcome
from tests.faults.stage import Stage
from tests.faults.steps import (
    DEREGISTER,
    DISCONNECT,
    KEEPING,
    PROVIDER_LIST,
    RECONCILE,
    RESOLVE,
    WEBHOOK,
    Step,
)
from tests.http.calls import CONNECTIONS, EXCHANGE, JSON, MINT
from tests.signing import WEBHOOK as HOOK
from tests.signing import Headers, signed

_ANNA: Final = PatientId("anna")
_BEARER: Final = "opaque-token-of-anna"
_AS_ANNA: Final = [("authorization", f"Bearer {_BEARER}"), JSON]
_ALL_NOW: Final = Plan(older_than=timedelta(0), rate=1000)


class Sendable(Protocol):
    async def send(self) -> Outcome:
        """Also what it came to; of the database that says nothing yet."""


@dataclass(frozen=True)
class Request:
    """One of HTTP's; the patient's, if nothing else is said."""

    stage: Stage
    canary: Canary
    path: str
    body: bytes = b""
    method: str = "POST"
    headers: Headers | None = None

    async def send(self) -> Outcome:
        headers = self.headers or _AS_ANNA
        answer = await self.stage.client.request(
            self.method, self.path, headers=headers, body=self.body
        )
        self.canary.hear(headers, self.body, answer)
        return Outcome(
            status=answer.status,
            error=answer.json.get("error") if answer.body else None,
            retry_after=answer.headers.get("retry-after"),
        )


@dataclass(frozen=True)
class ReconcileCommand:
    stage: Stage

    async def send(self) -> Outcome:
        run = Reconciliation(service=self.stage.container.reconciling(), plan=_ALL_NOW)
        async for _ in run.run():
            pass
        told = None if run.ending is Ending.DONE else run.ending.value
        return Outcome(
            status=f"exit {reconcile.exit_code(run)}",
            error="unanswered" if run.drift.unanswered else told,
        )


@dataclass(frozen=True)
class ForgetCommand:
    stage: Stage

    async def send(self) -> Outcome:
        try:
            await self.stage.container.forgetting().forget(_ANNA, accept_unknown=True)
        except LinkingError as error:
            return Outcome(status=f"exit {forget.FAILED}", error=error.code)
        return Outcome(status="exit 0")


async def prepare(stage: Stage, canary: Canary, step: Step) -> Sendable:
    """Somebody is at the step; the patient is known to Junction, linked, or new."""
    stage.authority.tokens[_BEARER] = {"active": True, "sub": _ANNA}
    mint = Request(stage, canary, MINT, b'{"provider": "oura"}')
    if step is RESOLVE:
        stage.model.create_user(_ANNA)
    if step is not PROVIDER_LIST and step not in KEEPING:
        return mint
    token = await _minted(mint)
    stage.model.link(token, Slug("oura"))
    exchange = Request(stage, canary, EXCHANGE, msgspec.json.encode({"link_token": token}))
    return exchange if step is PROVIDER_LIST else await _linked(exchange, step)


async def _minted(mint: Request) -> str:
    answer = await mint.stage.client.request("POST", mint.path, headers=_AS_ANNA, body=mint.body)
    mint.canary.hear(_AS_ANNA, mint.body, answer)
    return str(answer.json["link_token"])


async def _linked(exchange: Request, step: Step) -> Sendable:
    """What is done about a connection that stands here, and is broken at Junction by now."""
    assert (await exchange.send()).status == 201
    stage = exchange.stage
    if step in {DEREGISTER, DISCONNECT}:
        [connection] = await stage.container.connections().list_for(_ANNA)
        return replace(exchange, method="DELETE", path=f"{CONNECTIONS}/{connection.id}", body=b"")
    stage.model.list_provider(user_id_of(_ANNA), Slug("oura"), status="error")
    if step is WEBHOOK:
        return _webhook(exchange)
    return ReconcileCommand(stage) if step is RECONCILE else ForgetCommand(stage)


def _webhook(request: Request) -> Request:
    event = {
        "event_type": "provider.connection.error",
        "user_id": user_id_of(_ANNA),
        "client_user_id": _ANNA,
        "data": {"provider": {"slug": "oura"}},
    }
    body = msgspec.json.encode(event)
    now = int(SystemClock().now().timestamp())
    return replace(request, path=HOOK, body=body, headers=signed(body, timestamp=now))
