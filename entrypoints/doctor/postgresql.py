"""What is special about a server: how old it is, what it may forget, and what it lets us do."""

from typing import Final

from entrypoints.doctor.finding import Finding, green, red, yellow
from ports.examination import PostgresqlFacts

# The oldest that is still mended (postgresql.org, Versioning Policy, as of November 2026).
_OLDEST: Final = 15


def version(facts: PostgresqlFacts) -> Finding:
    if facts.version < _OLDEST:
        return yellow(
            f"PostgreSQL {facts.version} is mended no more", f"upgrade it to {_OLDEST} or later"
        )
    return green(f"PostgreSQL {facts.version} answers")


def durability(facts: PostgresqlFacts) -> Finding:
    if facts.careless:
        return red(
            f"{', '.join(facts.careless)} is off: a power cut may take what was acknowledged",
            "switch it on, for this database and this role",
        )
    return green("a commit that is acknowledged is on disk")


def access(facts: PostgresqlFacts) -> Finding:
    if facts.is_read_only:
        return red("nothing can be written there", "name the primary in DATABASE_URL")
    if facts.missing:
        return red(
            f"this role may not {facts.missing[0]}" + _more(len(facts.missing) - 1),
            "GRANT SELECT, INSERT, UPDATE, DELETE ON its tables to it",
        )
    return green("this role may read and write every table")


def _more(count: int) -> str:
    return f", and {count} things more" if count else ""
