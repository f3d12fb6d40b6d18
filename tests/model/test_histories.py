"""Thousands of random histories of the whole service, against the rules said a second time.

`HYPOTHESIS_PROFILE=deep .venv/bin/pytest --timeout 0 tests/model` goes on for longer.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model import storages
from tests.model.machine import Histories
from tests.model.storages import Fresh


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("kept", "most"), [(storages.in_memory, 100), (storages.sqlite, 40)])
def test_whatever_happens_every_answer_is_as_the_rules_say(
    kept: Callable[[Path], AbstractContextManager[Fresh]], most: int, tmp_path: Path
) -> None:
    with kept(tmp_path) as fresh:

        class Kept(Histories):
            def __init__(self) -> None:
                super().__init__(fresh())

        run_state_machine_as_test(
            Kept,
            settings=settings(
                max_examples=most * settings().max_examples // 100,
                stateful_step_count=40,
                suppress_health_check=[*HealthCheck],
                report_multiple_bugs=False,
            ),
        )
