import pytest

from entrypoints import log
from tests.logged import Logged


@pytest.fixture(autouse=True)
def logged() -> Logged:
    """What this test makes the service log."""
    logged = Logged()
    log.configure(logged)
    return logged
