"""docs/fault-matrix.md, made of what was observed and of nothing else."""

from collections.abc import Iterable, Mapping
from typing import Final

from tests.faults.outcomes import Observation, Outcome
from tests.faults.steps import KEEPING, LINKING, STEPS, Step

Cell = tuple[str, Step]

_INTRODUCTION: Final = """\
# The fault matrix

What a caller hears when Junction fails, or the authority that knows the bearer tokens; \
what is stored then, and whether the same request works once the fault is over.
`make fault-matrix` plays it and writes this page. \
The tests fail if the page is not what they observed.

Each cell is one test of `tests/faults/test_fault_matrix.py`: the whole service as in production, \
on an SQLite file, with a TCP proxy before a simulated Junction and one before an authority.
A proxy is at fault for one request, the step, until the caller has an answer; others pass. \
Then it is mended, and the caller sends the same request again to the same process.
The caller mints a link token: as a new patient, or at `resolve` as one whom Junction knows. \
At `provider list` a patient has linked, and exchanges the token.

Afterwards the connection stands. At `webhook` the sender tells, well signed, that it is in \
error, and the provider list is asked. The patient ends it at `deregister`; at `disconnect` the \
list is asked after that. `reconcile` is the command, which asks for the list, and leaves a user \
who is `unanswered` to its next run. The command `forget --yes` finds the user at Junction, and \
deletes them at `delete user`. What a command answers is its exit code.

In every cell the patient never had but one Junction user, no host was asked but the two that \
were configured, and neither log nor refusal shows a token, a key or a patient.
"""

HOW: Final = {
    "refused connection": "nobody listens at the port",
    "hang at connect": "a listener whose queue is full, so that the system drops who connects",
    "DNS failure": "the host's name is looked up and not found",
    "TLS: the port speaks plain HTTP": "it answers the first bytes of TLS with an HTTP 400",
    "TLS: self-signed certificate": "whoever does not look at it would be answered",
    "reset before the request": "the connection is accepted, and reset with nothing read",
    "reset after the request": "the upstream did what it was asked to; its answer is lost",
    "504 after the request": "the same, and a gateway says so over the upstream's own body",
    "hang, the request not passed on": "the request is read, and nothing is said",
    "hang at the header": "the upstream did what it was asked to, and nothing is said",
    "hang at the body": "the head of its answer arrives, and half of the body",
    "cut in the body": "the same, and then the connection is closed",
    "drip": "a head, and then a byte at a time for ever",
    "wrong content type": "the upstream's own JSON, called HTML: it is read for what it is",
    "body too large": "the upstream's own JSON, padded by white space to more than 1 MiB",
    "gzip nobody asked for": "the upstream's own JSON, compressed: it is never inflated",
    "307 to another host": "to this machine by another name, which the proxy would have heard",
    "404": "at `resolve` it says that a user is to be made (though there is one, who is then "
    "found), at `provider list`, `webhook`, `disconnect` and `reconcile` that they are gone, at "
    "`forget` and `delete user` that they were before, and at `deregister` that there is nothing "
    "to end: that is not believed while it is listed",
    "422, a string": "at `deregister`, in whatever form, that Junction knows no such provider: "
    "not believed either",
}
"""What a name does not say by itself."""


def name_of(cell: Cell) -> str:
    fault, step = cell
    return f"{fault}-{step.name}"


def render(observed: Mapping[Cell, Observation]) -> str:
    faults = list(dict.fromkeys(fault for fault, _ in observed))
    return "\n".join(
        [
            _INTRODUCTION,
            "## The answers",
            "",
            *_answers(LINKING, faults, observed),
            "",
            "And afterwards:",
            "",
            *_answers(KEEPING, faults, observed),
            "",
            *(f"- *{fault}*: {HOW[fault]}." for fault in faults if fault in HOW),
            *(line for step in STEPS for line in _section(step, faults, observed)),
            "",
        ]
    )


def _answers(
    steps: Iterable[Step], faults: Iterable[str], observed: Mapping[Cell, Observation]
) -> list[str]:
    rows = ([fault, *(_answer(observed[fault, step]) for step in steps)] for fault in faults)
    return _table(["fault", *(step.name for step in steps)], rows)


def _section(step: Step, faults: Iterable[str], observed: Mapping[Cell, Observation]) -> list[str]:
    columns = ["fault", "status", "error", "Retry-After", "stored", "at Junction", "repeat"]
    cells = [(fault, step) for fault in faults]
    rows = (_row(cell, observed[cell]) for cell in cells)
    return ["", f"## {step.name.capitalize()}", "", *_table([*columns, "test"], rows)]


def _row(cell: Cell, seen: Observation) -> list[str]:
    first, repeat = seen.at_fault, seen.repeat
    return [
        cell[0],
        str(first.status),
        _error(first),
        first.retry_after or "",
        first.stored,
        seen.left,
        f"{repeat.status}, {_error(repeat) or repeat.stored}",
        f"`test_fault[{name_of(cell)}]`",
    ]


def _answer(seen: Observation) -> str:
    return f"{seen.at_fault.status} {_error(seen.at_fault)}".strip()


def _error(outcome: Outcome) -> str:
    return f"`{outcome.error}`" if outcome.error else ""


def _table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows)]
