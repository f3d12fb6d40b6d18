"""The code blocks of a page.

What is to be done with one stands behind its language.

`sh`: run, in the order of the page; has to end with 0.
`sh serve`: started, and kept running until the end of the page.
`sh fails`: run; has to end otherwise, as a request does that is refused.
`sh elsewhere: …`: not run, for the reason that stands there.
`json`: what the command before it has printed.
`python FILE`: written to FILE.
`diff`: applied.
Any other, and none: shown only.
"""

import re
from pathlib import Path
from typing import Final, NamedTuple

_FENCED: Final = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*) ?(?P<does>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


class Block(NamedTuple):
    """`does` is what follows the language; `line` is where it begins."""

    line: int
    language: str
    does: str
    text: str


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text()
    return [
        Block(
            line=text.count("\n", 0, fenced.start()) + 1,
            language=fenced["language"],
            does=fenced["does"],
            text=fenced["text"],
        )
        for fenced in _FENCED.finditer(text)
    ]
