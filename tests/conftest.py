import os

import pytest
from hypothesis import settings

from entrypoints import log
from tests.logged import Logged

# No deadline: the machine may be busy. CI tries the same examples each time; `deep` is for hours.
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=200)
settings.register_profile("deep", deadline=None, max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True)
def logged() -> Logged:
    """What this test makes the service log."""
    logged = Logged()
    log.configure(logged)
    return logged
