"""The figures that are kept, in bench/results: what docs/performance.md is made from."""

from pathlib import Path
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

RESULTS: Final = Path(__file__).with_name("results")


def keep(name: str, figures: object) -> None:
    RESULTS.mkdir(exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    (RESULTS / f"{name}.json").write_bytes(text + b"\n")


def kept(name: str, kind: type[T]) -> T:
    return msgspec.json.decode((RESULTS / f"{name}.json").read_bytes(), type=kind)
