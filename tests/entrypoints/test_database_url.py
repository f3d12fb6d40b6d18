"""DATABASE_URL: which forms name a file or a server, and that no other is guessed at."""

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
        "postgresql://link@db.example/link",
        "postgres://link:hunter2@db.example:6432/link?sslmode=verify-full",
        "postgresql:///link?host=/run/postgresql",
    ],
)
def test_database_url_names_a_server(url: str) -> None:
    settings = read({"DATABASE_URL": url})

    assert (settings.database.kind, settings.database.storage) == ("postgresql", "sql")
    assert settings.database.url.reveal() == url
    assert settings.database.path is None
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(("text", "size"), [(None, 100), ("0", 0), ("10000", 10_000)])
def test_statements_are_kept_unless_a_pooler_forbids_it(text: str | None, size: int) -> None:
    environ = {"DATABASE_URL": "postgresql://db/link"}
    if text is not None:
        environ["DATABASE_STATEMENT_CACHE_SIZE"] = text

    assert read(environ).database.statement_cache_size == size


@pytest.mark.parametrize("text", ["-1", "10001", "many", "1.5", "\u0663", "1" * 5000])
def test_cache_of_an_odd_size_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read({"DATABASE_STATEMENT_CACHE_SIZE": text})

    assert refusal.value.problems == [
        "DATABASE_STATEMENT_CACHE_SIZE: expected a whole number from 0 to 10000"
    ]


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
        "postgresql:link",
        "postgresql+asyncpg://canary@localhost/link",
        "postgresql://canary@localhost/li nk",
        "mysql://canary@localhost/link",
        "memory",
        "sqlite:///:memory:",
    ],
)
def test_any_other_database_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read({"DATABASE_URL": url})

    assert refusal.value.problems == [
        "DATABASE_URL: expected sqlite:///path/to/file or postgresql://user@host/database"
    ]
