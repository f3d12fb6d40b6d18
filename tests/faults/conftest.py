import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.persistence.sqlite_schema import prepare_sqlite
from entrypoints import log
from tests.canary import Canary
from tests.faults.certificates import Certificate, a_certificate
from tests.faults.stage import Props
from tests.faults.upstreams import Upstreams, upstreams
from tests.logged import Logged


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is made once: to migrate takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("faults")
    prepare_sqlite(folder / "empty.db", staging=False)
    return folder


@pytest.fixture(scope="session")
def certificates(folder: Path) -> tuple[Certificate, Certificate]:
    """One to be trusted, and one that nobody knows."""
    return a_certificate(folder / "trusted.pem"), a_certificate(folder / "unknown.pem")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Upstreams]:
    async with upstreams() as served:
        yield served


@pytest.fixture
def props(
    folder: Path,
    served: Upstreams,
    tmp_path: Path,
    certificates: tuple[Certificate, Certificate],
    monkeypatch: pytest.MonkeyPatch,
) -> Props:
    database = tmp_path / "link.db"
    shutil.copy(folder / "empty.db", database)
    trusted, unknown = certificates
    return Props(database, served, trusted, unknown, monkeypatch)


@pytest.fixture
def canary(logged: Logged) -> Canary:
    """Each of these tests is one of what is logged as well, by all libraries and at DEBUG."""
    log.configure(logged, level=logging.DEBUG)
    return Canary(logged)
