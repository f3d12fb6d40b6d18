"""DATABASE_URL: which forms name a file, and that no other is guessed at."""

from pathlib import Path

import pytest

from entrypoints.environment import SettingsError
from entrypoints.settings import Settings, load_settings


def read(environ: dict[str, str]) -> Settings:
    return load_settings(environ, staging=True, public_url="")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///var/link.db", "var/link.db"),
        ("sqlite:////srv/link.db", "/srv/link.db"),
        ("sqlite:///link", "link"),
    ],
)
def test_database_url_names_a_file(url: str, path: str) -> None:
    assert read({"DATABASE_URL": url}).database.path == Path(path)


@pytest.mark.parametrize(
    "url",
    [
        "link.db",
        "/srv/link.db",
        "sqlite:",
        "sqlite:///",
        "sqlite://link.db",
        "sqlite:///link.db?mode=ro",
        "file:///link.db",
        "postgresql://canary@localhost/link",
        "memory",
        "sqlite:///:memory:",
    ],
)
def test_any_other_database_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read({"DATABASE_URL": url})

    assert refusal.value.problems == ["DATABASE_URL: expected sqlite:///path/to/file"]
