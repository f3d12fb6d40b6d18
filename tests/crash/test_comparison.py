"""Each way of losing a promise is found, so that finding none means something."""

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.persistence.sqlite_schema import prepare_sqlite
from domain.connection import Connection
from domain.provider import Provider
from tests.adapters.sqlite_files import Work, a_storage, execute
from tests.crash.comparison import compare
from tests.crash.journal import Answer, Asked, Fault, Journal
from tests.crash.tables import SqliteTables

NAMES: Final = ("anna", "ben")  # of patients, and of their tokens

EVENT_OF_NOTHING: Final = (
    "INSERT INTO connection_events SELECT 'another', at, patient_id, 'of no connection', "
    "provider, cause, outcome, error_type, request_id FROM connection_events LIMIT 1"
)
BINDING_WITHOUT_EVENT: Final = (
    "INSERT INTO link_tokens SELECT 'another', patient_id, junction_user_id, provider, "
    "minted_at, expires_at, bound_to, minted_here FROM link_tokens LIMIT 1"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    prepare_sqlite(tmp_path / "staging.db", staging=True)
    return tmp_path / "staging.db"


@pytest.fixture
def journal(path: Path) -> Journal:
    """Two patients linked a wearable each, and the tables have it all."""
    journal = Journal()
    for name, connection in zip(NAMES, asyncio.run(link(path)), strict=True):
        for asked in (an_exchange(name, token=None), an_exchange(name)):
            journal.ask(asked)
            if asked.token is None:
                journal.minted(asked, name)
            else:
                journal.exchanged(asked, an_answer(connection))
    return journal


async def link(path: Path) -> list[Connection]:
    async with a_storage(path) as database:
        work = Work(database)
        for name in NAMES:
            await work.mint(name)
        return [await work.record(name) for name in NAMES]


def an_exchange(name: str, **changes: Any) -> Asked:
    asked = {"patient": name, "provider": None, "intended": Provider.OURA, "token": name}
    return Asked(**{**asked, **changes})


def an_answer(connection: Connection) -> Answer:
    return {
        "id": str(connection.id),
        "patient_id": connection.patient_id,
        "provider": connection.provider,
        "junction_user_id": connection.junction_user_id,
    }


def found(journal: Journal, path: Path) -> set[Fault]:
    tables = asyncio.run(SqliteTables(path).read())
    return {finding.fault for finding in compare(journal, tables)}


def test_kept_promises_are_no_finding(journal: Journal, path: Path) -> None:
    assert found(journal, path) == set()


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("DELETE FROM connections", {Fault.MISSING, Fault.HALF_WRITTEN}),
        ("UPDATE connections SET id = id || ' too'", {Fault.MISSING, Fault.HALF_WRITTEN}),
        ("UPDATE connections SET junction_user_id = 'another'", {Fault.MISSING}),
        ("UPDATE link_tokens SET bound_to = NULL", {Fault.MISSING, Fault.HALF_WRITTEN}),
        ("UPDATE link_tokens SET bound_to = 'garmin'", {Fault.MISSING, Fault.HALF_WRITTEN}),
        ("DELETE FROM link_tokens", {Fault.MISSING, Fault.HALF_WRITTEN}),
        ("DELETE FROM connection_events", {Fault.MISSING, Fault.HALF_WRITTEN}),
        ("UPDATE connection_events SET patient_id = 'cleo'", {Fault.HALF_WRITTEN}),
        ("DELETE FROM junction_users", {Fault.HALF_WRITTEN}),
        (EVENT_OF_NOTHING, {Fault.HALF_WRITTEN}),
        (BINDING_WITHOUT_EVENT, {Fault.HALF_WRITTEN}),
    ],
)
def test_row_that_is_not_as_promised_is_found(
    journal: Journal, path: Path, change: str, faults: set[Fault]
) -> None:
    execute(path, change)

    assert found(journal, path) == faults


def test_second_row_of_a_patient_and_provider_is_found(journal: Journal, path: Path) -> None:
    tables = asyncio.run(SqliteTables(path).read())  # SQLite itself would not take one
    [anna, _] = tables.connections
    twice = [*tables.connections, anna._replace(id="another")]
    more = type(tables)(
        connections=twice, tokens=tables.tokens, users=tables.users, events=tables.events
    )

    assert Fault.DUPLICATE in {finding.fault for finding in compare(journal, more)}


def test_damaged_file_is_found(journal: Journal, path: Path) -> None:
    [(root,)] = execute(
        path, "SELECT rootpage FROM sqlite_master WHERE name = 'connection_events_of_patient'"
    )
    [(size,)] = execute(path, "PRAGMA page_size")
    execute(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:  # an index that says it has no entry
        file.seek((root - 1) * size + 3)
        file.write(b"\0\0")

    assert Fault.DAMAGED in found(journal, path)


@pytest.mark.parametrize("member", ["id", "patient_id", "provider", "junction_user_id"])
def test_answer_that_is_not_as_before_is_found(journal: Journal, member: str) -> None:
    asked = an_exchange("anna")
    journal.ask(asked)
    journal.exchanged(asked, {**journal.exchanges["anna"], member: "another"})

    assert {finding.fault for finding in journal.findings} == {Fault.UNEQUAL}


@pytest.mark.parametrize(
    ("status", "error", "rival", "faults"),
    [
        (400, "invalid_link_token", True, {Fault.REFUSED}),
        (400, "provider_mismatch", False, {Fault.REFUSED}),
        (400, "provider_mismatch", True, set()),
        (503, "storage_unavailable", False, set()),
    ],
)
def test_refusal_is_found_unless_it_says_to_come_again(
    journal: Journal, status: int, error: str, *, rival: bool, faults: set[Fault]
) -> None:
    asked = an_exchange("anna", rival=rival)
    journal.ask(asked)
    journal.refused(asked, status, error)

    assert {finding.fault for finding in journal.findings} == faults
    assert journal.take_unanswered() == ([asked] if status == 503 else [])
