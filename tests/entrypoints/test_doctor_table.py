"""The table of the doctor's checks in the operations page, held against the code, both ways."""

import re
from pathlib import Path
from typing import Final

from entrypoints.doctor.checkup import CHECKS

PAGE: Final = Path(__file__).parents[2] / "docs" / "operations.md"
ROW: Final = re.compile(r"^\| `([a-z-]+)` \| ([^|]*) \| ([^|]*)\| ([^|]+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, ...]]:
    text = PAGE.read_text()
    section = text[text.index("| check | looks at |") : text.index("## Webhooks")]
    return ROW.findall(section)


def test_every_check_is_in_the_table_in_order_and_nothing_else() -> None:
    assert [name for name, *_ in rows()] == list(CHECKS)


def test_every_row_says_what_is_looked_at_and_what_to_do() -> None:
    assert all(looks_at.strip() and red.strip() for _, looks_at, _, red in rows())
