"""`wearable-link migrate` that is killed, and several of them at once."""

import os
import subprocess
import time
from pathlib import Path
from typing import Final

import pytest

from adapters.persistence.migrate import HEAD
from adapters.persistence.sqlite_schema import revision_of
from tests.e2e.processes import COMMAND

MIGRATE: Final = (COMMAND, "migrate", "--staging")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "staging.db"


def migrating(path: Path) -> subprocess.Popen[str]:
    # Without coverage: it would make the start slow, and a kill would lose what it saw.
    environ = {"PATH": os.environ["PATH"], "DATABASE_URL": f"sqlite:///{path}"}
    return subprocess.Popen(MIGRATE, env=environ, stderr=subprocess.PIPE, text=True)


def wait_until_it_writes(path: Path, process: subprocess.Popen[str]) -> None:
    """SQLite keeps what it may have to put back in a file beside."""
    journal = path.with_name(f"{path.name}-journal")
    while process.poll() is None and not journal.exists():
        time.sleep(0.0005)


@pytest.mark.parametrize("milliseconds", [0, 2, 4, 8, 12])
def test_migration_killed_in_the_middle_is_done_by_the_next(path: Path, milliseconds: int) -> None:
    killed = migrating(path)
    wait_until_it_writes(path, killed)
    time.sleep(milliseconds / 1000)
    killed.kill()
    killed.communicate()

    again = migrating(path)
    _, complaint = again.communicate(timeout=30)

    assert (again.returncode, complaint) == (0, "")
    assert revision_of(path) == HEAD


def test_of_many_migrations_at_once_one_migrates_and_the_others_wait(path: Path) -> None:
    at_once = [migrating(path) for _ in range(3)]
    complaints = [process.communicate(timeout=60)[1] for process in at_once]

    assert complaints == [""] * 3
    assert [process.returncode for process in at_once] == [0] * 3
    assert revision_of(path) == HEAD
