"""Requests as curl would send them, and their answers, for people."""

import shlex
import sys
from dataclasses import dataclass
from typing import Final, TextIO

import msgspec

_HEADLINE: Final = "\x1b[1m"
_STATUS: Final = "\x1b[32m"
_PLAIN: Final = "\x1b[0m"

_LONGEST: Final = 14  # lines of a body that is no JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request; `body` is JSON or a form, as its headers say."""

    method: str
    url: str
    headers: dict[str, str]
    body: str | None = None

    def as_curl(self) -> str:
        # curl's own choice is left to it: POST where there is a body, else GET.
        by_itself = "GET" if self.body is None else "POST"
        words = ["curl -sS" + ("" if self.method == by_itself else f" -X {self.method}")]
        words[0] += f" {shlex.quote(self.url)}"
        words += [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in self.headers.items()]
        if self.body is not None:
            words.append(f"-d {shlex.quote(self.body)}")
        return " \\\n  ".join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Written as the conversation goes on."""

    colours: bool
    file: TextIO | None = None

    def headline(self, text: str) -> None:
        self._write(f"\n{self._in(_HEADLINE, f'# {text}')}")

    def request(self, sent: Sent) -> None:
        self._write(sent.as_curl())

    def answer(self, status: int, body: bytes, content_type: str) -> None:
        self._write(self._in(_STATUS, f"-> {status}"))
        if body:
            self._write(_readable(body, content_type))

    def last_word(self, text: str) -> None:
        self._write(f"\n{text}")

    def _write(self, text: str) -> None:
        print(text, file=self.file or sys.stdout)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self.colours else text


def _readable(body: bytes, content_type: str) -> str:
    if content_type == "application/json":
        return msgspec.json.format(body, indent=2).decode(errors="replace")
    text = body.decode(errors="replace")
    _, main, rest = text.partition("<main>")  # what comes before it is not for reading
    lines = (main + rest or text).splitlines()
    shown = lines[:_LONGEST]
    if len(lines) > _LONGEST:
        shown.append(f"... {len(lines) - _LONGEST} lines more")
    return "".join(f"{line}\n" for line in map(_printable, shown)).rstrip("\n")


def _printable(line: str) -> str:
    """A stranger's page must not steer the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\t" else "?" for letter in line)
