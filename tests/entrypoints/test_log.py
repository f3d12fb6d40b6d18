"""What a line of the log holds, and what it cannot."""

import logging
import os
import pty
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec
import pytest
import structlog

from adapters.junction.simulator.bodies import Undecodable, decode
from entrypoints import log
from entrypoints.cause import cause_of
from tests.logged import Logged

ROOT: Final = Path(__file__).parent.parent.parent


def test_line_is_one_object_with_its_level_and_time(logged: Logged) -> None:
    structlog.get_logger().info("refusals_lost", count=3)

    [line] = logged.getvalue().splitlines()
    decoded = msgspec.json.decode(line)
    assert decoded.keys() == {"event", "level", "count", "at"}
    assert decoded["at"].endswith("Z")


def test_field_without_a_name_here_or_of_another_type_is_left_out(logged: Logged) -> None:
    structlog.get_logger().info(
        "request", patient_id="anna", status="200", count=True, milliseconds=1, error=None
    )

    assert logged.lines == [{"event": "request", "level": "info"}]


def test_on_a_terminal_a_line_is_for_the_eye() -> None:
    reading, writing = pty.openpty()
    with os.fdopen(writing, "wb", buffering=0) as terminal:
        log.configure(terminal)
        structlog.get_logger().info("reconciled", changed=3, patient_id="anna")
        line = os.read(reading, 4096).decode()
    os.close(reading)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
    assert re.fullmatch(r"\S+Z \[info *\] reconciled +changed=3\r\n", plain)


def test_text_has_an_end(logged: Logged) -> None:
    structlog.get_logger().info("x" * 10_000)

    assert logged.lines == [{"event": "x" * 200, "level": "info"}]


def test_line_stays_a_line_whatever_is_in_it(logged: Logged) -> None:
    structlog.get_logger().info('a\nb"c\x00\u2028')

    assert len(logged.getvalue().splitlines()) == 1
    assert logged.lines[0]["event"] == 'a\nb"c\x00\u2028'


def test_cause_is_a_chain_of_types_and_places(logged: Logged) -> None:
    try:
        try:
            raise ConnectionRefusedError(111, "Connect call failed", "canary")
        except OSError as error:
            raise ValueError("canary") from error
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=error)

    assert logged.lines == [
        {
            "event": "failed",
            "level": "error",
            "cause": [
                {"type": "ValueError", "place": logged.lines[0]["cause"][0]["place"]},
                {
                    "type": "ConnectionRefusedError",
                    "reason": "Connect call failed",
                    "place": logged.lines[0]["cause"][1]["place"],
                },
            ],
        }
    ]
    assert "test_log" in logged.lines[0]["cause"][0]["place"]
    assert "canary" not in logged.text


def test_place_is_in_our_code_where_the_error_came_by_it() -> None:
    with pytest.raises(Undecodable) as raised:
        decode(b"{", MadeUp)

    assert [
        (each["type"], each["place"].partition(":")[0]) for each in cause_of(raised.value)
    ] == [
        ("adapters.junction.simulator.bodies.Undecodable", "adapters.junction.simulator.bodies"),
        ("msgspec.DecodeError", "adapters.junction.simulator.bodies"),
    ]


class MadeUp(msgspec.Struct):
    """What is never read."""


def test_sqlite_gives_its_reason_which_holds_no_value() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE patients (id TEXT UNIQUE)")
        with pytest.raises(sqlite3.IntegrityError) as raised:
            connection.executemany("INSERT INTO patients VALUES (?)", [("canary",)] * 2)

    [cause] = cause_of(raised.value)
    assert cause["reason"] == "UNIQUE constraint failed: patients.id"


def test_chain_of_errors_has_an_end() -> None:
    error = ValueError()
    for _ in range(100):
        next_error = ValueError()
        next_error.__cause__ = error
        error = next_error

    assert len(cause_of(error)) == 8


def test_server_says_its_own_sentences_without_what_varies_in_them(logged: Logged) -> None:
    server = logging.getLogger("uvicorn.error")
    server.warning("Cancel %s running task(s)\nand more", "canary")
    server.error(OSError(98, "address already in use"))
    server.error(ValueError("canary"))

    assert [line["event"] for line in logged.lines] == [
        "Cancel %s running task(s)",
        "address already in use",
        "ValueError",
    ]


def test_of_others_what_is_wrong_is_logged_and_no_more(logged: Logged) -> None:
    logging.getLogger("aiosqlite").info("executing %s", "canary")
    logging.getLogger("aiosqlite").warning("odd %s", "canary")

    [line] = logged.lines
    assert line == {
        "event": "logged",
        "level": "warning",
        "logger": "aiosqlite",
        "place": line["place"],
    }
    assert line["place"].endswith("in test_of_others_what_is_wrong_is_logged_and_no_more")


UNHEARD = """
import threading, warnings
from entrypoints import log

log.configure()
log.take_warnings()
warnings.warn("canary")
thread = threading.Thread(target=lambda: [].index("canary"))
thread.start()
thread.join()
class Dying:
    def __del__(self):
        raise ValueError("canary")
Dying()
"""


def test_what_nobody_catches_is_logged_and_not_quoted() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", UNHEARD], cwd=ROOT, capture_output=True, check=True
    )

    lines = [msgspec.json.decode(line) for line in ended.stderr.splitlines()]
    assert [(line["event"], line["cause"][0]["type"]) for line in lines] == [
        ("warned", "UserWarning"),
        ("thread_ended", "ValueError"),
        ("unraisable", "ValueError"),
    ]
    assert b"canary" not in ended.stdout + ended.stderr
