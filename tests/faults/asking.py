"""A patient's request, and what it comes to."""

from dataclasses import dataclass
from typing import Final

import msgspec

from domain.identifiers import PatientId
from domain.provider import Slug
from tests.asgi import Answer
from tests.canary import Canary
from tests.faults.database import Rows, difference
from tests.faults.outcomes import Outcome
from tests.faults.stage import Stage
from tests.faults.steps import PROVIDER_LIST, RESOLVE, Step
from tests.http.calls import EXCHANGE, JSON, MINT

_ANNA: Final = PatientId("anna")
_BEARER: Final = "opaque-token-of-anna"
_AS_ANNA: Final = ("authorization", f"Bearer {_BEARER}")


@dataclass(frozen=True)
class Request:
    """One that passes through the step in question."""

    stage: Stage
    canary: Canary
    path: str
    body: bytes

    async def send(self) -> Answer:
        headers = [_AS_ANNA, JSON]
        answer = await self.stage.client.request(
            "POST", self.path, headers=headers, body=self.body
        )
        self.canary.hear(headers, self.body, answer)
        return answer


async def prepare(stage: Stage, canary: Canary, step: Step) -> Request:
    """A patient who is at the step: known to Junction, linked, or new."""
    stage.authority.tokens[_BEARER] = {"active": True, "sub": _ANNA}
    mint = Request(stage, canary, MINT, b'{"provider": "oura"}')
    if step is RESOLVE:
        stage.model.create_user(_ANNA)
    if step is not PROVIDER_LIST:
        return mint
    token = (await mint.send()).json["link_token"]
    stage.model.link(token, Slug("oura"))
    return Request(stage, canary, EXCHANGE, msgspec.json.encode({"link_token": token}))


def outcome_of(answer: Answer, before: Rows, after: Rows) -> Outcome:
    return Outcome(
        status=answer.status,
        error=answer.json.get("error"),
        retry_after=answer.headers.get("retry-after"),
        stored=difference(before, after),
    )
