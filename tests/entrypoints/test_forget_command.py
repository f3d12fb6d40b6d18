"""`wearable-link forget`: who is forgotten is gone, at Junction and here."""

from pathlib import Path

import pytest

from adapters.junction.faults import Fault
from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import user_id_of
from domain.identifiers import PatientId
from entrypoints.cli import main
from tests.entrypoints.beside import Records


def forget(patient: str, *options: str) -> object:
    try:
        main(["forget", "--staging", "--patient", patient, *options])
    except SystemExit as end:
        return end.code
    return 0


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == "Forgotten."
    return {what.strip(): int(count) for what, count in (line.rsplit(" ", 1) for line in lines)}


def test_patient_is_gone_here_and_at_junction(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    records.link("anna", "ben")

    assert forget("anna") == 0

    assert told(capsys) == {
        "users gone at Junction": 1,
        "users removed here": 1,
        "connections removed here": 1,
        "link tokens removed here": 1,
        "lines of history disguised": 1,
    }
    tables = ("connections", "link_tokens", "junction_users", "connection_events")
    for table in tables:
        rows = records.execute(f"SELECT patient_id FROM {table}")  # noqa: S608
        assert ("anna",) not in rows
        assert ("ben",) in rows
    [[pseudonym]] = records.execute(
        "SELECT patient_id FROM connection_events WHERE patient_id <> 'ben'"
    )
    assert pseudonym.startswith("forgotten-")

    def is_gone(model: JunctionModel) -> None:
        assert model.user(user_id_of(PatientId("anna"))) is None
        assert model.user(user_id_of(PatientId("ben"))) is not None

    records.at_junction(is_gone)


def test_again_is_no_error(records: Records, capsys: pytest.CaptureFixture[str]) -> None:
    records.link("anna")
    forget("anna")
    capsys.readouterr()

    assert forget("anna") == 0
    assert set(told(capsys).values()) == {0}


def test_key_that_knows_nobody_is_doubted(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    records.link("anna")
    records.at_junction(lambda model: model.delete_user(user_id_of(PatientId("anna"))))

    assert forget("anna") == 5
    assert "--yes" in capsys.readouterr().err
    assert records.statuses() == {"connected": 1}

    assert forget("anna", "--yes") == 0
    assert told(capsys)["connections removed here"] == 1


def test_nothing_is_removed_here_while_junction_fails(
    records: Records, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    records.link("anna")

    with monkeypatch.context() as broken:
        broken.setattr("adapters.junction.faults.Faults.next", lambda *_: Fault.UNAVAILABLE)
        assert forget("anna") == 6

    told = capsys.readouterr().err
    assert told == "junction_unavailable: nothing was removed here; repeat it.\n"
    assert records.statuses() == {"connected": 1}
    assert forget("anna") == 0


def test_whether_anything_was_removed_is_not_known_while_the_database_fails(
    records: Records, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    records.link("anna")
    monkeypatch.setenv("STORAGE_DEADLINE_SECONDS", "0.000001")

    assert forget("anna") == 6

    told = capsys.readouterr().err
    assert told == ("storage_unavailable: whether anything was removed is not known; repeat it.\n")


@pytest.mark.parametrize("database", ["memory:", "sqlite:///elsewhere.db"])
def test_database_that_is_not_there_is_not_made(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)

    assert forget("anna") == 2

    assert capsys.readouterr().err.startswith("DATABASE_URL: ")
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("nobody", ["", "x" * 256, "a\x00b"])
def test_nobody_is_called_that(capsys: pytest.CaptureFixture[str], nobody: str) -> None:
    assert forget(nobody) == 2

    assert capsys.readouterr().err == "--patient: nobody can be called that\n"
