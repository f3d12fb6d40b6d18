"""Programs that a fresh machine lacks: tests that need one are skipped there, and fail in CI."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """Where `name` is. Under `REQUIRE_ALL`, as in CI, it has to be somewhere."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is not None:
        return found
    reason = f"needs {name}: install it, as .ci/run does"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
