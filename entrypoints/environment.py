"""Environment variables, read one by one; what is wrong with each is collected."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

_AN_HOUR: Final = 3600
_DIGITS: Final = 10  # a number of more is too large for anything here


class SettingsError(Exception):
    """Everything that is wrong or missing, at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Environment:
    """Every value may come from a file instead, for mounted secrets: `NAME_FILE` holds its path.

    A reader always returns a value, so that one problem does not hide the next; `raise_problems`
    says whether the values may be used.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def object_to(self, name: str, reason: str) -> None:
        self.problems.append(f"{name}: {reason}")

    def raise_problems(self) -> None:
        """Raises SettingsError where there are any."""
        if self.problems:
            raise SettingsError(self.problems)

    def text(self, name: str, default: str) -> str:
        """The value, without white space around it; empty counts as unset."""
        file = self._environ.get(f"{name}_FILE", "").strip()
        value = self._environ.get(name, "").strip()
        if file and value:
            self.object_to(name, f"set both here and by {name}_FILE")
        if file:
            value = self._content(name, Path(file))
        return value or default

    def shared(self, name: str) -> str:
        """A library's own, which reads it for itself too; and so there is no `NAME_FILE`."""
        return self._environ.get(name, "").strip()

    def choice(self, name: str, *choices: str) -> str:
        """One of `choices`; the first by default."""
        value = self.text(name, choices[0])
        if value not in choices:
            self.object_to(name, f"expected {' or '.join(choices)}")
            return choices[0]
        return value

    def seconds(
        self, name: str, default: T, *, least: int | None = None, most: int = _AN_HOUR
    ) -> float | T:
        """A positive number of seconds, `least` at least if that is given, and `most` at most."""
        text = self.text(name, "")
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        enough = value > 0 if least is None else value >= least
        if not (enough and value <= most):
            bounds = "more than 0 and at most" if least is None else f"from {least} to"
            self.object_to(name, f"expected seconds, {bounds} {most}")
            return default
        return value

    def count(self, name: str, default: int, *, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        text = self.text(name, str(default))
        value = int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else -1
        if not least <= value <= most:
            self.object_to(name, f"expected a whole number from {least} to {most}")
            return default
        return value

    def _content(self, name: str, file: Path) -> str:
        try:
            content = file.read_text().strip()
        except (OSError, UnicodeDecodeError):
            self.object_to(f"{name}_FILE", "cannot be read")
            return ""
        if not content:
            self.object_to(f"{name}_FILE", "is empty")
        return content
