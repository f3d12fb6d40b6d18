"""`wearable-link reconcile`: what it prints, what it records, and its exit codes."""

import json
from datetime import timedelta
from typing import Any

import pytest

from adapters.junction.faults import Fault
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from domain.provider import Slug
from entrypoints.cli import main
from tests.entrypoints.beside import Records

A_DAY = timedelta(days=1)
MANY = [f"patient-{n}" for n in range(60)]


def reconcile(*options: str) -> object:
    with pytest.raises(SystemExit) as end:
        main(["reconcile", "--staging", "--rate", "10000", *options])
    return end.value.code


def report(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_drift_is_found_recorded_and_told(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    records.link("anna", "ben", "cleo")
    records.age(A_DAY)
    records.unlink("ben")

    assert reconcile("--json") == 0

    told = report(capsys)
    assert told | {"seconds": 0} == {
        "ending": "done",
        "dry_run": False,
        "seconds": 0,
        "users": 3,
        "unanswered": 0,
        "rows": 3,
        "unchanged": 2,
        "opened": 0,
        "changes": [{"from": "connected", "to": "disconnected", "count": 1}],
        "doubtful": False,
    }
    assert records.statuses() == {"connected": 2, "disconnected": 1}
    assert reconcile("--json") == 0
    assert report(capsys)["users"] == 0


def test_people_get_a_table(records: Records, capsys: pytest.CaptureFixture[str]) -> None:
    records.link("anna", "ben")
    records.age(A_DAY)
    records.unlink("ben")

    reconcile("--dry-run")

    lines = capsys.readouterr().out.splitlines()
    assert [line.rsplit(maxsplit=1) for line in lines[:5]] == [
        ["connected -> disconnected", "1"],
        ["not on record before", "0"],
        ["as they were", "1"],
        ["users asked about", "2"],
        ["users without an answer", "0"],
    ]
    assert lines[5].endswith("seconds. Done.")
    assert lines[6] == "Nothing was recorded: this was a dry run."


def test_no_report_names_anybody(records: Records, capfd: pytest.CaptureFixture[str]) -> None:
    records.link("anna")
    records.age(A_DAY)
    records.unlink("anna")

    reconcile()
    reconcile("--json")

    said = "".join(capfd.readouterr())
    assert "anna" not in said
    assert user_id_of(PatientId("anna")) not in said


def test_dry_run_records_nothing(records: Records, capsys: pytest.CaptureFixture[str]) -> None:
    records.link("anna")
    records.age(A_DAY)
    records.unlink("anna")
    before = records.execute("SELECT * FROM connections")

    assert reconcile("--dry-run", "--json") == 0

    assert report(capsys)["changes"] == [{"from": "connected", "to": "disconnected", "count": 1}]
    assert records.execute("SELECT * FROM connections") == before


@pytest.mark.parametrize(("age", "asked"), [("23h", 1), ("90000s", 0), ("1500m", 0), ("2d", 0)])
def test_only_what_is_older_is_asked_about(
    records: Records, capsys: pytest.CaptureFixture[str], age: str, asked: int
) -> None:
    records.link("anna")
    records.age(A_DAY)

    reconcile("--json", "--older-than", age)

    assert report(capsys)["users"] == asked


def test_key_of_another_team_is_noticed(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    """It knows none of our users, so that every link looks gone."""
    records.link(*MANY)
    records.age(A_DAY)

    def forget_everybody(model: JunctionModel) -> None:
        for patient in MANY:
            model.delete_user(user_id_of(PatientId(patient)))

    records.at_junction(forget_everybody)

    assert reconcile("--json") == 5

    assert report(capsys)["ending"] == "too_many_lost"
    assert reconcile("--dry-run") == 0
    assert "without --yes a run would stop" in capsys.readouterr().out
    assert records.statuses() == {"connected": 60}
    assert reconcile("--yes", "--json") == 0
    assert records.statuses() == {"disconnected": 60}


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[Fault]:
    """Faults that the next calls meet; each container makes its model anew."""
    faults: list[Fault] = []

    def next_fault(_: object, __: object = None) -> Fault | None:
        return faults.pop(0) if faults else None

    monkeypatch.setattr("adapters.junction.faults.Faults.next", next_fault)
    return faults


def test_user_without_an_answer_is_left_for_the_next_run(
    records: Records, capsys: pytest.CaptureFixture[str], failing: list[Fault]
) -> None:
    records.link("anna", "ben")
    records.age(A_DAY)
    failing.append(Fault.UNAVAILABLE)

    assert reconcile("--json") == 6
    told = report(capsys)
    assert (told["ending"], told["users"], told["unanswered"]) == ("done", 1, 1)

    assert reconcile("--json") == 0
    told = report(capsys)
    assert (told["users"], told["unanswered"]) == (1, 0)


def test_user_without_an_answer_was_asked_about(
    records: Records, capsys: pytest.CaptureFixture[str], failing: list[Fault]
) -> None:
    records.link("anna", "ben", "cleo")
    records.age(A_DAY)
    failing.append(Fault.UNAVAILABLE)

    reconcile()

    lines = [line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert ["users asked about", "3"] in lines
    assert ["users without an answer", "1"] in lines


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        (Fault.UNAVAILABLE, "junction_silent"),
        (Fault.REJECTED_CREDENTIALS, "junction_rejected_credentials"),
    ],
)
def test_junction_that_answers_nobody_is_not_asked_on(
    records: Records,
    capsys: pytest.CaptureFixture[str],
    failing: list[Fault],
    fault: Fault,
    ending: str,
) -> None:
    everybody = [f"patient-{n}" for n in range(100)]
    records.link(*everybody)
    records.age(A_DAY)
    failing.extend([fault] * 100)

    assert reconcile("--json") == 6

    told = report(capsys)
    assert (told["ending"], told["users"], told["unanswered"]) == (ending, 0, 100)
    assert records.statuses() == {"connected": 100}


def test_link_that_nobody_told_of_is_found(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    records.link("anna")
    records.age(A_DAY)
    annas = user_id_of(PatientId("anna"))
    records.at_junction(lambda model: model.list_provider(annas, Slug("garmin")))

    assert reconcile("--json") == 0

    assert report(capsys)["opened"] == 1
    assert records.statuses() == {"connected": 2}


@pytest.mark.parametrize(
    "options",
    [
        ("--older-than", "6"),
        ("--older-than", "6w"),
        ("--older-than", "100000d"),
        ("--rate", "0"),
        ("--rate", "x"),
    ],
    ids=" ".join,
)
def test_wrong_options_exit_2(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert reconcile(*options) == 2

    assert f"argument {options[0]}:" in capsys.readouterr().err
