"""`wearable-link reconcile` and its database: which it takes, and that it may fail."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.persistence.migrate import HEAD
from adapters.persistence.sqlite_schema import revision_of, upgrade_sqlite
from entrypoints.cli import main
from tests.entrypoints.beside import Records


def reconcile(*options: str) -> object:
    with pytest.raises(SystemExit) as end:
        main(["reconcile", "--staging", "--json", *options])
    return end.value.code


def report(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_database_that_cannot_even_be_counted_is_reported(
    records: Records, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    records.link("anna")
    records.age(timedelta(days=1))
    monkeypatch.setenv("STORAGE_DEADLINE_SECONDS", "0.000001")

    assert reconcile() == 7

    told = report(capsys)
    assert (told["ending"], told["users"]) == ("storage_unavailable", 0)


def test_database_that_fails_in_the_middle_is_reported(
    records: Records, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has it to itself from the first question to Junction on."""
    records.link("anna")
    records.age(timedelta(days=1))
    records.unlink("anna")
    monkeypatch.setenv("STORAGE_DEADLINE_SECONDS", "0.2")
    with closing(sqlite3.connect(records.file, isolation_level=None)) as other:

        def lock(*_: object) -> None:
            if not other.in_transaction:
                other.execute("BEGIN IMMEDIATE")

        monkeypatch.setattr("adapters.junction.faults.Faults.next", lock)

        assert reconcile() == 7

    told = report(capsys)
    assert (told["ending"], told["users"]) == ("storage_unavailable", 1)
    assert records.statuses() == {"connected": 1}


def test_older_database_is_upgraded_first(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    upgrade_sqlite(records.file, "0002")

    assert reconcile() == 0

    assert report(capsys)["ending"] == "done"
    assert revision_of(records.file) == HEAD


@pytest.mark.parametrize("database", ["memory:", "sqlite:///elsewhere.db"])
def test_database_that_is_not_there_is_not_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)

    assert reconcile() == 2

    assert capsys.readouterr().err.startswith("DATABASE_URL: ")
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("age", ["99999d", "99999h"])
def test_greatest_age_is_of_some_calendar(
    records: Records, capsys: pytest.CaptureFixture[str], age: str
) -> None:
    records.link("anna")

    assert reconcile("--older-than", age) == 0

    assert report(capsys)["users"] == 0
