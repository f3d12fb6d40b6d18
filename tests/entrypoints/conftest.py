import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.entrypoints.beside import Records

SETTINGS = ("DATABASE_URL", "IDENTITY", "JUNCTION_", "STORAGE_", "RECONCILE_")


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts in an empty folder, with none of our variables."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(SETTINGS):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Iterator[None]:
    """A command that is over leaves them to a process that ends."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    """What a command finds: the environment names the database."""
    records = Records(tmp_path / "staging.db")
    for name, value in records.environ.items():
        monkeypatch.setenv(name, value)
    return records
