"""Every way for an upstream to fail, at every step: what comes of it, and of a repeat after it."""

import os
from pathlib import Path
from typing import Final

import pytest

from tests.canary import Canary
from tests.faults.expectations import EXPECTED, expected
from tests.faults.observing import observe
from tests.faults.outcomes import Observation
from tests.faults.page import HOW, Cell, name_of, render
from tests.faults.stage import Props
from tests.faults.steps import STEPS

PAGE: Final = Path(__file__).parents[2] / "docs" / "fault-matrix.md"
CELLS: Final = [(fault, step) for fault in EXPECTED for step in STEPS]


@pytest.fixture(scope="module")
def observed() -> dict[Cell, Observation]:
    """What was seen in this run so far."""
    return {}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("cell", CELLS, ids=name_of)
async def test_fault(
    props: Props, canary: Canary, observed: dict[Cell, Observation], cell: Cell
) -> None:
    observed[cell] = await observe(props, canary, *cell)

    assert observed[cell] == expected(*cell)


def test_only_faults_that_are_in_the_matrix_are_explained() -> None:
    assert HOW.keys() <= EXPECTED.keys()


def test_page_shows_what_was_observed(observed: dict[Cell, Observation]) -> None:
    if observed.keys() != set(CELLS):
        pytest.skip("the page is of the whole matrix, and not all of it was played")
    page = render(observed)
    if os.environ.get("FAULT_MATRIX") == "write":
        PAGE.write_text(page)

    assert PAGE.read_text() == page, f"{PAGE.name} is out of date: run `make fault-matrix`"
