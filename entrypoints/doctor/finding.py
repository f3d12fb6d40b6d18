"""What a check says: green, yellow or red, in one line, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """From well to ill, in this order: YELLOW serves, RED does not, or not for long."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`says` and `advice` are read by people, and pasted into tickets: they hold no secret."""

    state: State
    says: str
    advice: str


def green(says: str) -> Finding:
    return Finding(state=State.GREEN, says=says, advice="")


def yellow(says: str, advice: str) -> Finding:
    return Finding(state=State.YELLOW, says=says, advice=advice)


def red(says: str, advice: str) -> Finding:
    return Finding(state=State.RED, says=says, advice=advice)


def not_looked_at(because: str) -> Finding:
    """For a check that another one comes before; that one says what to do."""
    return yellow(f"not looked at: {because}", "mend that first")
