"""A fault that is over at once: where another try can help, the caller hears nothing of it.

Each of our requests to Junction is safe to repeat. An answer that says no is no fault of the
moment, and is taken at its word.
"""

from typing import Final

import pytest

from tests.canary import Canary
from tests.faults.asking import prepare
from tests.faults.database import rows_in
from tests.faults.expectations import ENDED, EXPECTED, HEARD, LINKED, MINTED, Row
from tests.faults.observing import with_rows
from tests.faults.once import refused_once, reset_once, too_many_requests
from tests.faults.outcomes import Outcome
from tests.faults.page import Cell, name_of
from tests.faults.proxy import Fault
from tests.faults.stage import Props, Stage, staged
from tests.faults.steps import CREATE, DEREGISTER, MINT, PROVIDER_LIST, RESOLVE, WEBHOOK

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORKS: Final[Row] = {
    RESOLVE: MINTED,
    CREATE: MINTED,
    MINT: MINTED,
    PROVIDER_LIST: LINKED,
    WEBHOOK: HEARD,
    DEREGISTER: ENDED,
}
PASSING: Final = (
    "refused connection",
    "reset before the request",
    "reset after the request",
    "429, Retry-After: 1",
    "500",
    "502",
    "503",
    "504 after the request",
)
LASTING: Final = ("401", "404", "422, an object", "garbage")


@pytest.mark.parametrize(
    "cell", [(fault, step) for fault in PASSING for step in WORKS], ids=name_of
)
async def test_passing_fault_is_not_felt(props: Props, canary: Canary, cell: Cell) -> None:
    _, step = cell

    outcome, _ = await meet_once(props, canary, cell)

    assert outcome == WORKS[step]


@pytest.mark.parametrize(
    "cell", [(fault, step) for fault in LASTING for step in WORKS], ids=name_of
)
async def test_no_is_taken_for_an_answer(props: Props, canary: Canary, cell: Cell) -> None:
    fault, step = cell

    outcome, asked = await meet_once(props, canary, cell)

    assert outcome == EXPECTED[fault][step]
    assert asked == 1


async def meet_once(props: Props, canary: Canary, cell: Cell) -> tuple[Outcome, int]:
    """What a request comes to that meets the fault, and how often Junction was asked for it."""
    fault, step = cell
    async with staged(props, *cell) as stage:
        request = await prepare(stage, canary, step)
        before = rows_in(props.database)
        proxy = stage.proxies[step.upstream]
        asked = proxy.count(step)
        await proxy.fail(fault_of(fault, stage, props.monkeypatch), step, once=True)
        answer = await request.send()
        assert not proxy.is_at_fault
    assert stage.events.count("UserCreated") <= 1
    canary.check()
    return with_rows(answer, before, rows_in(props.database)), proxy.count(step) - asked


def fault_of(fault: str, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Fault:
    match fault:
        case "refused connection":
            return refused_once(monkeypatch)
        case "reset before the request":
            return reset_once()
        case "429, Retry-After: 1":
            return too_many_requests()
        case _:
            return stage.faults[fault]
