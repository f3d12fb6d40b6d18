"""What is asked of the service: how it is sent, and what it does to a world."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from tests.asgi import Client
from tests.http.calls import EXCHANGE, MINT
from tests.model.choice import Refused
from tests.model.junction import Junction
from tests.model.rules import Told, World
from tests.model.service import Request
from tests.model.trouble import Trouble

Said = Mapping[str, Any]
"""The body of an answer; the rules cannot know what token Junction gives."""

NOTHING: Final[Said] = MappingProxyType({})

_NEVER_TOLD: Final = "a token that nobody was told"


class Held(NamedTuple):
    """A link token, and the patient whose it is."""

    patient: str
    text: str


class Asking(Protocol):
    def send(self, client: Client) -> Request: ...

    def happen(self, world: World, junction: Junction, trouble: Trouble, said: Said, /) -> Told:
        """What has to be answered; or raises `Refused`."""
        ...


class Minting(NamedTuple):
    patient: str
    provider: str | None

    def send(self, client: Client) -> Request:
        body = {"provider": self.provider} if self.provider else {}
        return client.post(MINT, body, patient=self.patient)

    def happen(self, world: World, junction: Junction, trouble: Trouble, said: Said, /) -> Told:
        token = said.get("link_token", _NEVER_TOLD)
        user = junction.user_of(self.patient)
        return world.mint(token, self.patient, self.provider, user, trouble)


class Exchanging(NamedTuple):
    patient: str
    token: Held
    provider: str | None

    def send(self, client: Client) -> Request:
        provider = {"provider": self.provider} if self.provider else {}
        return client.post(
            EXCHANGE, {"link_token": self.token.text, **provider}, patient=self.patient
        )

    def happen(self, world: World, junction: Junction, trouble: Trouble, _: Said, /) -> Told:
        user = junction.user_of(self.patient)
        return world.exchange(
            self.token.text, self.patient, self.provider, user, junction.rows_of, trouble
        )


def outcome(
    asking: Asking,
    world: World,
    junction: Junction,
    trouble: Trouble = Trouble.NONE,
    said: Said = NOTHING,
) -> tuple[int, object]:
    try:
        return 201, asking.happen(world, junction, trouble, said)
    except Refused as refused:
        status, error = refused.args
        return status, error
