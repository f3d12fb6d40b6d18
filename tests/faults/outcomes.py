"""What a request comes to."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """An answer, and what has changed in the database with it.

    A command has no status, but an exit code, written like "exit 0".
    """

    status: int | str
    error: str | None = None
    retry_after: str | None = None
    stored: str = "nothing"


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A request that met a fault, and the same request after that.

    `left` is what the first made at Junction, `users` how many Junction users the patient has in
    the end, and `strangers` the hosts that were asked without being ours to ask.
    """

    at_fault: Outcome
    left: str
    repeat: Outcome
    users: int = 1
    strangers: tuple[str, ...] = ()
