"""What the documents say of the code is so."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
REST_ON_TESTS: Final = (
    "adapters",
    "compatibility",
    "operations",
    "reliability",
    "scaling",
    "security",
    "shipping",
)
NAMED: Final = {
    page: sorted(
        set(
            re.findall(
                r"`([a-z0-9_/]*test_\w+\.py)(?:::(test_\w+))?`",
                (ROOT / "docs" / f"{page}.md").read_text(),
            )
        )
    )
    for page in REST_ON_TESTS
}


@pytest.mark.parametrize(
    ("page", "file", "test"),
    [(page, file, test) for page, named in NAMED.items() for file, test in named],
    ids=lambda word: word or "any",
)
def test_each_test_that_a_page_rests_on_is_there(page: str, file: str, test: str) -> None:
    source = (ROOT / "tests" / file).read_text()

    assert re.search(rf"^ *(async )?def {test or 'test_'}", source, re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "least"), [("operations", 8), ("security", 40), ("reliability", 20), ("scaling", 7)]
)
def test_page_rests_on_tests(page: str, least: int) -> None:
    assert len(NAMED[page]) > least
