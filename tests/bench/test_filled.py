"""What is on record before a measurement, and that each load finds it so."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bench import crowd, growth, ledger, linked, webhooks
from bench.figures import Figures, Measured
from domain.facts import Status


def _ask(file: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as database, database:
        return database.execute(question).fetchall()


@pytest.fixture
def few_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "TOKENS", 10)


def test_everybody_links_the_same_three_before(tmp_path: Path) -> None:
    patients = linked.three_each(2, oura="error")
    patients.fill_ours(tmp_path / "ours.db")
    patients.fill_peers(tmp_path / "peers.db")
    question = (
        "SELECT id IS NOT NULL, patient_id, provider, junction_user_id, status FROM connections"
        " ORDER BY patient_id, provider"
    )
    ours = _ask(tmp_path / "ours.db", question)
    assert ours == _ask(tmp_path / "peers.db", question)
    assert [status for *_, status in ours[:3]] == [Status.ERROR, Status.DISCONNECTED, Status.ERROR]


def test_renewing_the_ledger_leaves_the_linked_alone(tmp_path: Path) -> None:
    file = tmp_path / "ours.db"
    linked.three_each(2).fill_ours(file)
    ledger.renew(file)
    assert _ask(file, "SELECT count(*) FROM connections") == [(6,)]


def test_before_each_load_of_events_ours_are_in_error_and_nothing_was_heard(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ours.db"
    linked.three_each(2, oura="error").fill_ours(file)
    before = _ask(file, "SELECT * FROM connections")
    _ask(
        file,
        "UPDATE connections SET status = 'connected', seen_status = 'connected'"
        " WHERE provider = 'oura'",
    )
    event = "'id', 0, 'patient', 'connection', 'oura', 'webhook', 'connected', NULL, 'request'"
    _ask(file, f"INSERT INTO connection_events VALUES ({event})")  # noqa: S608
    _ask(file, "INSERT INTO webhook_deliveries VALUES ('msg_1', 0)")
    _renew_as("service", file)
    assert _ask(file, "SELECT * FROM connections") == before
    assert _ask(file, "SELECT 1 FROM connection_events") == []
    assert _ask(file, "SELECT 1 FROM webhook_deliveries") == []


def test_before_each_load_of_events_the_peers_are_in_error_too(tmp_path: Path) -> None:
    file = tmp_path / "peers.db"
    linked.three_each(2, oura="error").fill_peers(file)
    before = _ask(file, "SELECT * FROM connections")
    _ask(file, "UPDATE connections SET status = 'connected' WHERE provider = 'oura'")
    event = "'id', 0, 'patient', 'connection', 'oura', 'webhook', 'connected', 'request'"
    _ask(file, f"INSERT INTO connection_events VALUES ({event})")  # noqa: S608
    _renew_as("floor", file)
    assert _ask(file, "SELECT * FROM connections") == before
    assert _ask(file, "SELECT 1 FROM connection_events") == []


def _renew_as(name: str, file: Path) -> None:
    [candidate] = [each for each in webhooks.webhooks().candidates if each.name == name]
    candidate.renew(file)


@pytest.mark.usefixtures("few_tokens")
def test_a_crowd_is_other_patients_with_a_connection_and_an_event_each(tmp_path: Path) -> None:
    file = tmp_path / "crowd.db"
    crowd.fill(file, 25)
    assert crowd.count_in(file) == (25, 25)
    whose = "SELECT count(DISTINCT patient_id), count(DISTINCT junction_user_id) FROM "
    assert _ask(file, whose + "junction_users") == [(35, 35)]
    assert _ask(file, whose + "connections") == [(25, 25)]
    theirs = "SELECT count(*) FROM link_tokens JOIN connections USING (patient_id)"
    assert _ask(file, theirs) == [(0,)]
    ids = _ask(file, "SELECT id FROM connections ORDER BY rowid")
    assert ids == sorted(ids)


@pytest.mark.usefixtures("few_tokens")
def test_renewing_ends_what_was_linked_and_nothing_that_was_before(tmp_path: Path) -> None:
    file = tmp_path / "crowd.db"
    crowd.fill(file, 5)
    _ask(file, "UPDATE link_tokens SET bound_to = 'oura'")
    for table in ("connections", "connection_events"):
        columns = [str(row[1]) for row in _ask(file, f"PRAGMA table_info({table})")]
        values = {"id": "'new'", "patient_id": f"'{crowd.patient(0)}'"}
        chosen = ", ".join(values.get(column, column) for column in columns)
        _ask(file, f"INSERT INTO {table} SELECT {chosen} FROM {table} LIMIT 1")  # noqa: S608
    assert crowd.count_in(file) == (6, 6)
    crowd.renew(file)
    assert crowd.count_in(file) == (5, 5)
    assert _ask(file, "SELECT DISTINCT bound_to FROM link_tokens") == [(None,)]


def test_the_biggest_tables_can_be_left_out() -> None:
    assert [each.name for each in growth.growth(most=100_000).candidates] == ["0", "100000"]


@pytest.mark.usefixtures("few_tokens")
def test_a_file_is_made_once_and_is_whole_under_its_name(tmp_path: Path) -> None:
    scenario = growth.growth(most=0)
    file = tmp_path / "0.db"
    file.with_suffix(".part").write_text("of a filling that was stopped")
    [candidate] = scenario.candidates
    candidate.fill(file)
    _ask(file, "DELETE FROM junction_users")
    candidate.fill(file)
    assert _ask(file, "SELECT count(*) FROM junction_users") == [(0,)]
    assert not file.with_suffix(".part").exists()


def test_growth_is_told_by_the_empty_table_of_the_same_round() -> None:
    figures = Figures("growth", "", rounds=2)
    for rate in (100.0, 1000.0):
        for name, slower in (("0", 1), ("100000", 2)):
            figures.add(name, 1, Measured(rate / slower, 0.1, 0.1 * slower, 0.0, 0.0, 1))
    assert "| 100,000 | 275 | 100.00 | 200.0 | 0.50 × (0.50 to 0.50) | 2.00 ×" in growth.table(
        figures
    )
