"""Tables that are made from the code; `make pages` writes them."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.documents import configuration, errors
from tests.documents.configuration import MEANINGS, read_by_settings

DOCS: Final = Path(__file__).parents[2] / "docs"
MADE: Final = re.compile(r"(<!-- made by [^\n]*-->\n).*?(?=<!-- end -->)", re.DOTALL)


@pytest.mark.parametrize(
    ("page", "render"),
    [("configuration.md", configuration.render), ("errors.md", errors.render)],
)
def test_page_has_the_table_as_it_is_made(page: str, render: Callable[[], str]) -> None:
    path = DOCS / page
    made, tables = MADE.subn(lambda mark: f"{mark[1]}{render()}\n", path.read_text())
    assert tables == 1
    if os.environ.get("PAGES") == "write":
        path.write_text(made)

    assert path.read_text() == made, f"{page} is out of date: run `make pages`"


@pytest.mark.parametrize("staging", [False, True])
def test_every_variable_that_is_read_is_explained_and_no_other(*, staging: bool) -> None:
    read, _ = read_by_settings(staging=staging)

    assert read.keys() == MEANINGS.keys()
