"""What a run says of itself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from tests.crash.journal import Fault, Finding
from tests.crash.plan import GENERATION

_WIDTH: Final = 18


def replay(seed: int, cycle: int, workers: int) -> str:
    """The command that goes through the same cycle on the same database."""
    first = cycle - cycle % GENERATION
    return f"make crash SEED={seed} FIRST={first} CYCLES={cycle - first + 1} CLIENTS={workers}"


def report(counted: Counter[str], findings: Sequence[Finding], seconds: float) -> str:
    faults = Counter(finding.fault for finding in findings)
    return "\n".join(
        (
            _line("cycles", f"{counted['cycles']} in {seconds:.0f} s; up in {counted['up']}"),
            _line("killed", _parts(counted, "killed: ")),
            _line("stopped in time", f"{counted['stopped in time']}, after SIGTERM"),
            _line("caught", _parts(counted, "caught: ")),
            _line("acknowledged", f"{counted['mints']} mints, {counted['exchanges']} exchanges"),
            _line("unacknowledged", _unacknowledged(counted)),
            _line("proved again", f"{counted['replays']} tokens after a restart"),
            *_refusals(counted),
            *(_line(fault, str(faults[fault])) for fault in Fault),
        )
    )


def _unacknowledged(counted: Counter[str]) -> str:
    return (
        f"{counted['repeated']} requests, all repeated; "
        f"{counted['unheard']} exchanges of them had been committed"
    )


def _refusals(counted: Counter[str]) -> Iterator[str]:
    if refusals := _parts(counted, "refusals: "):
        yield _line("other answers", refusals)


def _parts(counted: Counter[str], prefix: str) -> str:
    named = sorted(name for name in counted if name.startswith(prefix))
    return ", ".join(f"{counted[name]} {name.removeprefix(prefix)}" for name in named)


def _line(name: str, what: str) -> str:
    return f"{name:<{_WIDTH}}{what}"
