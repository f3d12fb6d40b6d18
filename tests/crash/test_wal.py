"""What is read off a file whose process was killed: SQLite's own files say what it was at."""

import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.wal import caught_at


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "any.db"


@pytest.fixture
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = 1")  # so that an open transaction spills
        connection.execute("CREATE TABLE t (x)")
        yield connection


def write_much(writing: sqlite3.Connection) -> None:
    writing.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)


def caught(path: Path) -> list[str]:
    return caught_at(path.with_name("any.db-wal"), path.with_name("any.db-shm"))


def test_file_at_rest_was_at_nothing(path: Path) -> None:
    assert caught(path) == []


def test_committed_file_was_at_nothing(path: Path, writing: sqlite3.Connection) -> None:
    write_much(writing)

    assert caught(path) == []


def test_open_transaction_is_a_commit_half_written(
    path: Path, writing: sqlite3.Connection
) -> None:
    writing.execute("BEGIN")
    write_much(writing)

    assert caught(path) == ["a commit half written"]


def test_frames_of_before_a_reset_do_not_count(path: Path, writing: sqlite3.Connection) -> None:
    writing.execute("BEGIN")
    write_much(writing)
    writing.execute("ROLLBACK")
    write_much(writing)
    writing.execute("PRAGMA wal_checkpoint(RESTART)")
    writing.execute("INSERT INTO t VALUES (1)")

    assert caught(path) == []


def test_checkpoint_that_attempted_more_than_it_did_was_under_way(
    path: Path, writing: sqlite3.Connection, tmp_path: Path
) -> None:
    write_much(writing)
    copy = tmp_path / "copy"
    copy.mkdir()
    for end in ("-wal", "-shm"):
        shutil.copy(path.with_name(path.name + end), copy)
    index = bytearray((copy / "any.db-shm").read_bytes())
    struct.pack_into("=I", index, 128, 10)
    (copy / "any.db-shm").write_bytes(index)

    assert caught(copy / path.name) == ["a checkpoint under way"]
