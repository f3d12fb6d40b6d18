"""What a checkup found, for people and for programs."""

from collections.abc import Sequence
from typing import Final

import msgspec

from entrypoints.doctor.checkup import CHECKS, Checked
from entrypoints.doctor.finding import State

_COLOURS: Final = {State.GREEN: "\x1b[32m", State.YELLOW: "\x1b[33m", State.RED: "\x1b[31m"}
_PLAIN: Final = "\x1b[0m"
_STATES: Final = tuple(State)
_NAMES: Final = max(map(len, CHECKS))


class Line(msgspec.Struct, frozen=True):
    name: str
    state: State
    says: str
    advice: str


class Report(msgspec.Struct, frozen=True):
    state: State
    checks: list[Line]


def overall(checked: Sequence[Checked]) -> State:
    """The worst of all."""
    return max((each.finding.state for each in checked), key=_STATES.index)


def as_json(checked: Sequence[Checked]) -> str:
    lines = [
        Line(each.name, each.finding.state, each.finding.says, each.finding.advice)
        for each in checked
    ]
    return msgspec.json.encode(Report(overall(checked), lines)).decode()


def as_lines(checked: Sequence[Checked], *, colours: bool) -> str:
    return "\n".join(_line(each, colours=colours) for each in checked)


def _line(checked: Checked, *, colours: bool) -> str:
    state = f"{checked.finding.state:<6}"
    if colours:
        state = f"{_COLOURS[checked.finding.state]}{state}{_PLAIN}"
    says = checked.finding.says
    if checked.finding.advice:
        says = f"{says} -> {checked.finding.advice}"
    return f"{state}  {checked.name:<{_NAMES}}  {says}"
