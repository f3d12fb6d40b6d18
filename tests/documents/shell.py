"""The commands of a page, run one after the other in a copy of the tree, as its reader would."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests import needed
from tests.documents.blocks import Block
from tests.e2e.processes import a_free_port

ROOT: Final = Path(__file__).parents[2]

_SECONDS: Final = 300.0  # for any command; a busy machine takes its time
# A refusal is a failure here, though curl by itself ends with 0.
_CURL: Final = 'curl() { command curl --fail-with-body "$@"; }\n'
_NOT_COPIED: Final = (
    ".*_cache",
    ".git",
    ".hypothesis",
    ".venv*",
    "__pycache__",
    "var",
    ".coverage*",
)
# What goes without saying, said: another process may have that port.
_BY_DEFAULT: Final = {"serve": "--port 8000", "demo": "--url http://127.0.0.1:8000"}
_PORTS: Final = ("8000", "8001", "8002")
_VARIES: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[0-9:.]+Z")


class Shell:
    """`words` of the page, and of `environ`, stand for others here: its addresses are not ours."""

    def __init__(self, folder: Path, words: Mapping[str, str], environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._ports = {port: str(a_free_port()) for port in _PORTS}
        self._words = words
        self._environ = {
            "HOME": str(folder.parent),
            "PIP_NO_INDEX": "1",  # what a page installs is there already
            "PYTHONPATH": str(folder),
            "PATH": f"{folder / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PORT": self._ports["8000"],
            **{name: self._ours(value) for name, value in environ.items()},
        }
        self._git = needed.program("git")
        self._printed = self._complained = ""
        self._servers: dict[str, subprocess.Popen[bytes]] = {}

    def follow(self, block: Block) -> None:
        """Do what a reader would with it."""
        match block.language, block.does:
            case "sh", ("" | "fails") as ends:
                assert (self._run(block) != 0) == (ends == "fails"), self._said_at(block)
            case "sh", "serve":
                self._serve(block)
            case "sh", does:
                assert re.fullmatch(r"elsewhere: \S.{9,}", does), f"line {block.line}: {does}"
            case "json", _:
                assert _shape(self._printed) == _shape(block.text), f"line {block.line}"
            case "python", file:
                (self._folder / file).write_text(block.text)
            case "diff", _:
                self._apply(block)
            case _, does:
                assert not does, f"line {block.line}: {does}"

    def stop(self) -> None:
        for port in [*self._servers]:
            self._end_what_serves(port)

    def _run(self, block: Block) -> int:
        ended = subprocess.run(
            ["/bin/sh", "-euc", _CURL + self._ours(block.text)],
            cwd=self._folder,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        self._printed = ended.stdout
        self._complained = ended.stderr
        return ended.returncode

    def _said_at(self, block: Block) -> str:
        return f"line {block.line}: {self._printed}{self._complained}"

    def _serve(self, block: Block) -> None:
        text = self._ours(block.text)
        named = re.search(r"--port (\d+)", text)
        port = named[1] if named else self._ports["8000"]
        self._end_what_serves(port)
        log = (self._folder / f"line-{block.line}.log").open("wb")
        with log:
            server = subprocess.Popen(
                ["/bin/sh", "-euc", text],
                cwd=self._folder,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._servers[port] = server
        while not _answers(int(port)):
            assert server.poll() is None, Path(log.name).read_text()
            time.sleep(0.05)

    def _end_what_serves(self, port: str) -> None:
        """Started anew, it has its port."""
        if server := self._servers.pop(port, None):
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(_SECONDS)

    def _apply(self, block: Block) -> None:
        subprocess.run(
            [self._git, "apply", "-"], cwd=self._folder, input=block.text, text=True, check=True
        )

    def _ours(self, text: str) -> str:
        for command, option in _BY_DEFAULT.items():
            text = re.sub(
                rf"^(.*wearable-link {command}(?!.*{option.split()[0]}).*)$",
                rf"\1 {option}",
                text,
                flags=re.MULTILINE,
            )
        for word, ours in self._words.items():
            text = text.replace(word, ours)
        return re.sub(rf"\b({'|'.join(self._ports)})\b", lambda port: self._ports[port[0]], text)


@contextmanager
def a_shell(
    folder: Path,
    words: Mapping[str, str] = MappingProxyType({}),
    environ: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Shell]:
    """In a copy of the tree, below `folder`."""
    copy = folder / "wearable-link"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    (copy / ".venv").symlink_to(sys.prefix)
    shell = Shell(copy, words, environ)
    try:
        yield shell
    finally:
        shell.stop()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _shape(text: str) -> object:
    """With what differs each time left out."""
    return json.loads(_VARIES.sub("…", text))
