"""What the documents say of the code is so."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
SECURITY: Final = (ROOT / "docs" / "security.md").read_text()
NAMED: Final = sorted(set(re.findall(r"`([a-z0-9_/]+\.py)(?:::(test_\w+))?`", SECURITY)))


@pytest.mark.parametrize(
    ("file", "test"), [(file, test) for file, test in NAMED if "/" in file], ids="::".join
)
def test_each_test_that_security_rests_on_is_there(file: str, test: str) -> None:
    source = (ROOT / "tests" / file).read_text()

    assert re.search(rf"^ *(async )?def {test or 'test_'}", source, re.MULTILINE)


def test_security_rests_on_tests() -> None:
    assert len(NAMED) > 40
