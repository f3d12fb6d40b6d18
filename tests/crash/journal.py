"""What the service promised, as its clients remember it; they are not killed."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.link_token import LinkToken, TokenDigest
from domain.provider import Provider

Answer = dict[str, Any]


class Fault(StrEnum):
    """Ways to break a promise, or to be neither there nor not."""

    MISSING = "missing"
    DUPLICATE = "duplicates"
    HALF_WRITTEN = "half-written"
    UNEQUAL = "unequal answers"
    REFUSED = "refused for good"
    DAMAGED = "damaged"
    DOWN = "not up again"


@dataclass(frozen=True, slots=True)
class Finding:
    fault: Fault
    what: str

    def __str__(self) -> str:
        return f"{self.fault}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """A request: an exchange of `token`, or a mint if there is none.

    `intended` is what shall be linked, whether `provider` says so or not. A `rival` may lose its
    token to another provider.
    """

    patient: str
    provider: Provider | None
    intended: Provider
    token: str | None = None
    rival: bool = False

    @property
    def named(self) -> str:
        """What can be told of it."""
        digest = _digest(self.token) if self.token else "a mint"
        return f"{self.patient}, {self.intended}, {digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A 201 of a mint: the token can be exchanged."""

    patient: str
    intended: Provider


@dataclass(slots=True)
class Journal:
    """Of one database. `unproven` are the tokens not exchanged since the last restart."""

    mints: dict[str, Minted] = field(default_factory=dict)
    exchanges: dict[str, Answer] = field(default_factory=dict)
    unanswered: list[Asked] = field(default_factory=list)
    unproven: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    _unheard: set[str] = field(default_factory=set)
    _said: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def ask(self, asked: Asked) -> None:
        self.unanswered.append(asked)

    def take_unanswered(self) -> list[Asked]:
        """Those that have to be asked again."""
        taken, self.unanswered = self.unanswered, []
        return taken

    def minted(self, asked: Asked, token: str) -> None:
        self.unanswered.remove(asked)
        self.mints[token] = Minted(patient=asked.patient, intended=asked.intended)
        self.unproven.add(token)
        self.counted["mints"] += 1

    def exchanged(self, asked: Asked, answer: Answer) -> None:
        """Of one patient and provider every answer is the same: their link does not change."""
        assert asked.token is not None
        self.unanswered.remove(asked)
        said = self._said.setdefault((answer["patient_id"], answer["provider"]), answer)
        first = self.exchanges.setdefault(asked.token, answer)
        if answer != said or answer != first or answer["patient_id"] != asked.patient:
            self.findings.append(Finding(Fault.UNEQUAL, f"{answer} after {first} and {said}"))
        self.counted["exchanges"] += 1

    def refused(self, asked: Asked, status: int, error: str) -> None:
        """A 5xx asks to be tried again; whatever else was not expected is a finding."""
        self.counted[f"refusals: {error}"] += 1
        if status >= 500:
            return
        self.unanswered.remove(asked)
        if not (asked.rival and error == "provider_mismatch"):
            self.findings.append(Finding(Fault.REFUSED, f"{status} {error} for {asked.named}"))

    def overhear(self, bound: AbstractSet[str]) -> None:
        """Count first exchanges that nobody heard the end of, and yet they were committed."""
        asked = {asked.token for asked in self.unanswered if asked.token is not None}
        unheard = {token for token in asked - self.exchanges.keys() if _digest(token) in bound}
        self.counted["unheard"] += len(unheard - self._unheard)
        self._unheard |= unheard

    def promised_connections(self) -> Iterator[tuple[TokenDigest, Answer]]:
        for token, answer in self.exchanges.items():
            yield _digest(token), answer

    def promised_tokens(self) -> Iterator[tuple[TokenDigest, str]]:
        for token, mint in self.mints.items():
            yield _digest(token), mint.patient


def _digest(token: str) -> TokenDigest:
    return LinkToken(token).digest
