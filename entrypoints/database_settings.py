"""Where the records are kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from domain.secret import Secret
from entrypoints.environment import Environment

# What follows the scheme is read by the driver, as libpq reads it: hosts, TLS, a socket's folder.
_POSTGRESQL: Final = re.compile(r"postgres(ql)?://[!-~]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """`path` is an SQLite file's; `url`, a secret for its password, and what follows PostgreSQL's.

    `statement_cache_size` is how many prepared statements each connection keeps. Behind a pooler
    that gives every transaction another connection it has to be 0.
    """

    kind: Literal["sqlite", "postgresql", "in_memory"]
    path: Path | None = None
    url: Secret = field(default=Secret(""))
    statement_cache_size: int = 0

    @property
    def storage(self) -> Literal["sql", "in_memory"]:
        return "in_memory" if self.kind == "in_memory" else "sql"

    @property
    def serves_one_process(self) -> bool:
        return self.kind != "postgresql"

    @property
    def journal_path(self) -> Path | None:
        """Where a Junction simulated in this process remembers, for as long as the records are."""
        if self.kind == "in_memory":
            return None
        beside = self.path or Path("var/postgresql")
        return beside.with_name(f"{beside.name}.junction.jsonl")


def database_settings(env: Environment, *, staging: bool) -> DatabaseSettings:
    """Read them. Memory is for staging only."""
    default = "sqlite:///var/staging.db" if staging else "sqlite:///var/wearable-link.db"
    url = env.text("DATABASE_URL", default)
    cached = env.count("DATABASE_STATEMENT_CACHE_SIZE", 100, least=0, most=10_000)
    if url == "memory:" and staging:
        return DatabaseSettings(kind="in_memory")
    if _POSTGRESQL.fullmatch(url):
        return DatabaseSettings(kind="postgresql", url=Secret(url), statement_cache_size=cached)
    path = url.removeprefix("sqlite:///")
    if path == url or path in {"", ":memory:"} or "?" in path:
        env.object_to(
            "DATABASE_URL", "expected sqlite:///path/to/file or postgresql://user@host/database"
        )
    return DatabaseSettings(kind="sqlite", path=Path(path))


def load_database_settings(environ: Mapping[str, str], *, staging: bool) -> DatabaseSettings:
    """All that a migration needs.

    Raises:
        SettingsError: they are wrong.

    """
    env = Environment(environ)
    settings = database_settings(env, staging=staging)
    env.raise_problems()
    return settings
