"""`make count`: what valgrind and strace have written is read as they mean it."""

import shutil
import sys
from pathlib import Path

import pytest

from bench import counting

STRACE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.46    0.173512          27      6281           pread64
 13.28    0.038105         952        40        12 futex
------ ----------- ----------- --------- --------- ----------------
100.00    0.211617          33      6321        12 total
"""


def test_system_calls_are_read_with_and_without_errors(tmp_path: Path) -> None:
    _, read = counting.system_calls(tmp_path / "out")
    (tmp_path / "out").write_text(STRACE)

    assert read() == {"pread64": 6281, "futex": 40, "total": 6321}


def test_instructions_are_read(tmp_path: Path) -> None:
    _, read = counting.instructions(tmp_path / "out")
    (tmp_path / "out").write_text("==7== \n==7== I   refs:      2,307,706\n")

    assert read() == {"instructions": 2_307_706}


def test_programs_that_are_not_there_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", {"valgrind": "/usr/bin/valgrind"}.get)
    monkeypatch.setattr(sys, "argv", ["count"])

    assert counting.main() == 2
    assert capsys.readouterr().out.startswith("not installed: strace (")
