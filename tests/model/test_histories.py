"""Thousands of random histories of the whole service, against the rules said a second time.

`HYPOTHESIS_PROFILE=deep .venv/bin/pytest --timeout 0 tests/model` goes on for longer.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model import storages
from tests.model.postgresql import postgresql
from tests.model.storages import Fresh
from tests.model.upkeep_in_trouble import UpkeepInTrouble
from tests.postgresql import Databases


@pytest.fixture(params=["in_memory", "sqlite", "postgresql"])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path, databases: Databases
) -> AbstractContextManager[Fresh]:
    match request.param:
        case "sqlite":
            return storages.sqlite(tmp_path)
        case "postgresql":
            return postgresql(databases)
        case _:
            return storages.in_memory(tmp_path)


# In memory the fine rules are found; on the others, what a crash or half a transaction leaves.
PERCENT: Final = {"in_memory": 100, "sqlite": 40, "postgresql": 20}


@pytest.mark.timeout(900)
def test_whatever_happens_every_answer_is_as_the_rules_say(
    request: pytest.FixtureRequest, kept: AbstractContextManager[Fresh]
) -> None:
    most = PERCENT[request.node.callspec.params["kept"]]
    with kept as fresh:

        class Kept(UpkeepInTrouble):
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
