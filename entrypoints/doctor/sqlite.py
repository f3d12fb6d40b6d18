"""What is special about a file: how it is written, and who else may read it."""

import os
from pathlib import Path
from typing import Final

from entrypoints.doctor.finding import Finding, green, red, yellow
from ports.examination import SqliteFacts

_FULL: Final = 2
_BESIDE: Final = ("", "-wal", "-shm")

_OF_THE_GROUP: Final = 0o070
_OF_OTHERS: Final = 0o007
_WRITTEN_BY_OTHERS: Final = 0o022
_STICKY: Final = 0o1000  # who may write there may not replace what is another's


def durability(facts: SqliteFacts) -> Finding:
    if facts.synchronous < _FULL:
        return red(
            "synchronous is not FULL: a power cut may take what was acknowledged",
            "this SQLite does not do as it is told: use another build of Python",
        )
    if not facts.is_wal:
        return yellow(
            "journal_mode is not WAL",
            "start the service: it sets it. If it stays so, keep the file on a local disk",
        )
    return green("journal_mode WAL, synchronous FULL")


def access(path: Path) -> Finding:
    files = [path.with_name(path.name + suffix) for suffix in _BESIDE]
    modes = {file: file.stat().st_mode for file in files if file.exists()}
    folder = path.absolute().parent
    for file in modes:
        if not os.access(file, os.R_OK | os.W_OK):
            return red(f"{file} may not be written by this user", "run as its owner, or chown it")
    if not os.access(folder, os.W_OK | os.X_OK):
        return red(
            f"{folder} may not be written by this user", "SQLite makes files beside its own"
        )
    if readable := [file for file, mode in modes.items() if mode & _OF_OTHERS]:
        return red(f"{readable[0]} is open to everybody on this machine", _chmod(*readable))
    mode = folder.stat().st_mode
    if mode & _WRITTEN_BY_OTHERS and not mode & _STICKY:
        return red(f"others may replace what is in {folder}", f"chmod go-w {folder}")
    if readable := [file for file, mode in modes.items() if mode & _OF_THE_GROUP]:
        return yellow(f"{readable[0]} is open to its group", _chmod(*readable))
    return green("only its owner may read and write it")


def _chmod(*files: Path) -> str:
    return f"chmod 600 {' '.join(map(str, files))}"
