import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from entrypoints import log
from tests.logged import Logged
from tests.postgresql import Databases, shared_server

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


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Of a real PostgreSQL; a new one is started at most once for all tests."""
    with shared_server() as url:
        yield Databases(url)


@pytest.fixture
def postgresql(databases: Databases) -> Iterator[str]:
    """The address of a database of this test's own, brought to this version."""
    url = databases.migrated()
    yield url
    databases.drop(url)
