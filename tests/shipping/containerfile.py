"""The Containerfile, read instruction by instruction."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).parents[2]

_COMMENTS: Final = re.compile(r"^\s*#.*\n", re.MULTILINE)
_OPTIONS: Final = re.compile(r"^(--\S+\s+)*(CMD\s+)?")  # of a health check


class Instruction(msgspec.Struct, frozen=True):
    """`stage` counts from 1; before the first `FROM` it is 0."""

    stage: int
    name: str
    value: str

    @property
    def as_list(self) -> list[str]:
        """What is run as it stands, with no shell in between.

        Raises:
            msgspec.DecodeError: it is in the form that a shell reads.

        """
        options = len(self.value) - len(_OPTIONS.sub("", self.value))
        return msgspec.json.decode(self.value[options:], type=list[str])


def instructions() -> Iterator[Instruction]:
    text = _COMMENTS.sub("", (ROOT / "Containerfile").read_text())
    stage = 0
    for line in filter(None, text.replace("\\\n", " ").splitlines()):
        name, _, value = line.partition(" ")
        stage += name == "FROM"
        yield Instruction(stage, name, value.strip())


def copied() -> set[str]:
    """What the image takes from the project's folder."""
    of_the_folder = [
        shlex.split(each.value)
        for each in instructions()
        if each.name == "COPY" and "--from=" not in each.value
    ]
    return {source for *sources, _ in of_the_folder for source in sources}
