"""What is asked of the service: how it is sent, and what it does to a world."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

from tests.http.calls import EXCHANGE, MINT
from tests.model.choice import Listed, Refused
from tests.model.known import Told
from tests.model.rules import AtJunction, World
from tests.model.service import MEANWHILE, Request, Service
from tests.model.trouble import Trouble

Said = Mapping[str, Any]
"""The body of an answer; the rules cannot know what token Junction gives."""

Answered = tuple[int, Told]
"""The status of an answer that refuses nothing, and what can be known of its body."""

NOTHING: Final[Said] = MappingProxyType({})

_NEVER_TOLD: Final = "a token that nobody was told"


class Held(NamedTuple):
    """A link token, and the patient whose it is."""

    patient: str
    text: str


class Junction(Protocol):
    """What it knows; None of whom it does not."""

    def user_of(self, patient: str, /) -> str | None: ...

    def rows_of(self, user: str, /) -> Sequence[Listed] | None: ...


class Asking(Protocol):
    def send(self, service: Service) -> Request: ...

    def happen(
        self, world: World, junction: Junction, trouble: Trouble, said: Said, /
    ) -> Answered:
        """What has to be answered; or raises `Refused`."""
        ...


class Minting(NamedTuple):
    patient: str
    provider: str | None

    def send(self, service: Service) -> Request:
        body = {"provider": self.provider} if self.provider else {}
        return service.client.post(MINT, body, patient=self.patient)

    def happen(
        self, world: World, junction: Junction, trouble: Trouble, said: Said, /
    ) -> Answered:
        token = said.get("link_token", _NEVER_TOLD)
        user = junction.user_of(self.patient)
        return 201, world.mint(token, self.patient, self.provider, user, trouble)


class Exchanging(NamedTuple):
    patient: str
    token: Held
    provider: str | None

    def send(self, service: Service) -> Request:
        provider = {"provider": self.provider} if self.provider else {}
        return service.client.post(
            EXCHANGE, {"link_token": self.token.text, **provider}, patient=self.patient
        )

    def happen(self, world: World, junction: Junction, trouble: Trouble, _: Said, /) -> Answered:
        user = junction.user_of(self.patient)
        token, at = self.token.text, junction.rows_of
        return 201, world.exchange(token, self.patient, self.provider, user, at, trouble)


def outcome(
    asking: Asking,
    world: World,
    junction: Junction,
    trouble: Trouble = Trouble.NONE,
    said: Said = NOTHING,
) -> tuple[int, object]:
    try:
        return asking.happen(world, junction, trouble, said)
    except Refused as refused:
        status, error = refused.args
        return status, error


class Seen(NamedTuple):
    """Junction, as it is seen by who asks it what it lists."""

    junction: Junction
    rows_of: AtJunction

    def user_of(self, patient: str) -> str | None:
        return self.junction.user_of(patient)


def within(
    outer: Asking, inner: Asking, world: World, junction: Junction, listed: AtJunction, said: Said
) -> tuple[object, object]:
    """What both have to be answered, if the inner comes in while the outer waits for Junction."""
    others: list[object] = []

    def rows_of(user: str) -> Sequence[Listed] | None:
        if not others:
            world.now += MEANWHILE
            others.append(outcome(inner, world, junction, said=said))
        return listed(user)

    seen = outcome(outer, world, Seen(junction, rows_of))
    return seen, others[0] if others else None
