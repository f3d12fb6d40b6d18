"""The command line: what it prints, what it refuses, and its exit codes."""

import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.persistence.migrate import HEAD
from adapters.persistence.sqlite_schema import prepare_sqlite, revision_of
from entrypoints.cli import main

COMMANDS = [
    "serve",
    "simulate-junction",
    "migrate",
    "reconcile",
    "forget",
    "doctor",
    "demo",
    "openapi",
]


def exit_code_of(*arguments: str) -> object:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    return end.value.code


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of(command, "--help") == 0
    assert f"wearable-link {command}" in capsys.readouterr().out


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code_of("--help") == 0
    shown = capsys.readouterr().out
    assert [command for command in COMMANDS if command not in shown] == []


@pytest.mark.parametrize(
    "arguments",
    [(), ("unknown",), ("serve", "--unknown"), ("serve", "--port", "http"), ("openapi", "more")],
    ids=" ".join,
)
def test_wrong_usage_exits_2(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_code_of(*arguments) == 2
    assert "usage: wearable-link" in capsys.readouterr().err


def test_serve_without_settings_exits_2_and_names_them_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORAGE_DEADLINE_SECONDS", "0")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)  # as if it were not installed

    assert exit_code_of("serve") == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert [line.partition(":")[0] for line in said.err.splitlines()] == [
        "JUNCTION_API_KEY",
        "IDENTITY",
        "STORAGE_DEADLINE_SECONDS",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]


def test_serve_refuses_a_production_key_in_staging_without_showing_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUNCTION_API_KEY", "pk_us_canary")

    assert exit_code_of("serve", "--staging") == 2

    said = capsys.readouterr().err
    assert said.startswith("JUNCTION_API_KEY: ")
    assert "canary" not in said


def test_serve_refuses_a_second_process_on_sqlite_and_touches_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert exit_code_of("serve", "--staging", "--workers", "2") == 2

    said = capsys.readouterr().err
    assert said == "--workers: SQLite serves one process; more need PostgreSQL\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("workers", "reason"),
    [
        ("2", "staging serves one process"),
        ("0", "expected 1 or more"),
        ("-1", "expected 1 or more"),
    ],
)
def test_serve_refuses_other_numbers_of_processes(
    workers: str,
    reason: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.invalid/link")

    assert exit_code_of("serve", "--staging", "--workers", workers) == 2

    assert capsys.readouterr().err == f"--workers: {reason}\n"


@pytest.mark.parametrize("command", ["serve", "simulate-junction"])
def test_port_that_is_taken_exits_3(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        arguments = (command, "--port", port, *(["--staging"] if command == "serve" else []))

        assert exit_code_of(*arguments) == 3

    assert capsys.readouterr().err.startswith(f"127.0.0.1:{port}: ")


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_database_server_that_cannot_be_reached_exits_2(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://anna:canary@127.0.0.1:1/link")

    assert exit_code_of(command, "--staging") == 2

    said = capsys.readouterr().err
    assert said.startswith("DATABASE_URL: the database cannot be opened")
    assert "canary" not in said


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_staging_refuses_a_database_that_holds_other_data(
    command: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "real.db"
    prepare_sqlite(path, staging=False)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO junction_users VALUES ('user', 'anna', NULL, 0, NULL)")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")

    assert exit_code_of(command, "--staging") == 2

    assert capsys.readouterr().err == f"DATABASE_URL: {path} holds data that are not staging's\n"


def test_migrate_makes_a_database_that_only_its_owner_reads_and_may_run_again(
    tmp_path: Path,
) -> None:
    main(["migrate", "--staging"])
    main(["migrate", "--staging"])

    path = tmp_path / "var" / "staging.db"
    assert revision_of(path) == HEAD
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_database_that_cannot_be_opened_exits_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}")

    assert exit_code_of("migrate", "--staging") == 2


@pytest.mark.parametrize("arguments", ["['serve', '--help']", "['serve']", "['--help']"])
def test_help_and_refused_settings_wait_for_no_import(arguments: str, tmp_path: Path) -> None:
    heavy = "{'aiohttp', 'alembic', 'databases', 'msgspec', 'sqlalchemy', 'starlette', 'uvicorn'}"
    program = (
        "import sys; from entrypoints.cli import main\n"
        f"try: main({arguments})\n"
        f"except SystemExit: sys.exit(str(sorted({heavy} & sys.modules.keys())))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, cwd=tmp_path, text=True
    )

    assert ended.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["serve", "simulate-junction"])
@pytest.mark.parametrize("port", ["0", "-1", "65536", "http"])
def test_port_that_is_none_is_refused(command: str, port: str) -> None:
    assert exit_code_of(command, "--port", port) == 2
