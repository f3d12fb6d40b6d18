"""What a cycle does, from the seed alone: when the kill comes, who asks for what in which order.

What the seed does not decide is the operating system's: how long a start takes, which of several
requests gets ahead, and so what the service is at when it is killed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

from domain.provider import Provider

GENERATION: Final = 20
"""Cycles that share a database; the next begin with a new one."""

SEED_OF_CI: Final = 11
"""Its first 25 cycles have a kill of each kind."""

_PATIENTS: Final = 60  # of a generation: few, so that workers meet at the same one
_LINKED: Final = [each for each in Provider if each is not Provider.APPLE_HEALTH_KIT]


class Kill(StrEnum):
    """From where its moment is counted."""

    MIGRATING = "a new database being made"
    STARTING = "the start of the process"
    LOADED = "the first requests"
    STOPPING = "a SIGTERM, under load"
    COMMITTING = "a commit being written"
    CHECKPOINTING = "a checkpoint being made"


_OFTEN: Final = {
    Kill.STARTING: 2,
    Kill.LOADED: 10,
    Kill.STOPPING: 4,
    Kill.COMMITTING: 3,
    Kill.CHECKPOINTING: 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """`after` so many seconds the kill comes.

    Where something else is waited for after that, the kill `follows` it, or comes at once.
    """

    number: int
    kill: Kill
    after: float
    follows: float = 0.0

    @property
    def is_on_a_new_database(self) -> bool:
        return self.kill is Kill.MIGRATING

    @property
    def generation(self) -> int:
        return self.number // GENERATION


class Manner(StrEnum):
    """How a token that was linked is exchanged."""

    ONCE = "once"
    AGAIN = "and the same again"
    AT_ONCE = "twice at once"
    TWO_TOKENS = "with another token for the same provider, at once"
    RIVALS = "for two providers at once, of which one can have it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What one worker does for one patient, from the mint to the exchange."""

    patient: str
    provider: Provider
    rival: Provider
    manner: Manner
    is_minted_for_it: bool
    is_named: bool


def cycles(seed: int, *, first: int, count: int) -> Iterator[Cycle]:
    """The cycles `first`, `first + 1`, ...; each is the same whatever came before."""
    for number in range(first, first + count):
        yield _cycle(number, _dice(seed, number))


def deals(seed: int, cycle: Cycle, worker: int) -> Iterator[Deal]:
    """As many as there is time for."""
    dice = _dice(seed, cycle.number, worker)
    while True:
        manner = dice.choice(list(Manner))
        provider, rival = dice.sample(_LINKED, 2)
        yield Deal(
            patient=f"patient-{cycle.generation}-{dice.randrange(_PATIENTS)}",
            provider=provider,
            rival=rival,
            manner=manner,
            is_minted_for_it=manner is not Manner.RIVALS and dice.random() < 0.5,
            is_named=dice.random() < 0.5,
        )


def sample(seed: int, cycle: Cycle, tokens: list[str], most: int) -> list[str]:
    """Some of the tokens of earlier cycles, to be exchanged once more."""
    return _dice(seed, cycle.number, "sample").sample(tokens, min(most, len(tokens)))


def _cycle(number: int, dice: Random) -> Cycle:
    if number % GENERATION < 2:
        return Cycle(number=number, kill=Kill.MIGRATING, after=dice.uniform(0, 0.1))
    [kill] = dice.choices(list(_OFTEN), weights=list(_OFTEN.values()))
    return Cycle(
        number=number,
        kill=kill,
        after=dice.uniform(0, 1.5 if kill is Kill.STARTING else 0.5),
        follows=dice.uniform(0, 0.4) if kill is Kill.STOPPING else 0.0,
    )


def _dice(*names: object) -> Random:
    return Random("/".join(map(str, names)))  # noqa: S311  (to be replayed, not to be secret)
