"""Whether the database is there, is this service's, and is at this version's schema."""

from domain.errors import StorageUnavailable
from entrypoints.cause import reason_of
from entrypoints.doctor import postgresql, sqlite
from entrypoints.doctor.examined import Examined
from entrypoints.doctor.finding import Finding, green, not_looked_at, red, yellow
from entrypoints.doctor.variables import DATABASE, unread, wrong
from ports.examination import PostgresqlFacts, SqliteFacts

_MEMORY = green("memory: gone with the service")


async def reachable(examined: Examined) -> Finding:
    if problems := examined.problems_of(*DATABASE):
        return wrong(problems)
    if examined.settings.database.kind == "in_memory":
        return _MEMORY
    if missing := _missing(examined):
        return yellow(f"{missing} is not there", "`serve` and `migrate` make it; or mend the path")
    try:
        facts = await examined.database.answer()
    except StorageUnavailable as error:
        return red(
            f"cannot be read: {_reason(error.__cause__)}",
            "see DATABASE_URL, and that the database is up",
        )
    return _judged(facts)


def _judged(facts: SqliteFacts | PostgresqlFacts) -> Finding:
    if facts.objection is not None:
        return red(facts.objection, "mend DATABASE_URL, or --staging")
    if isinstance(facts, PostgresqlFacts):
        return postgresql.version(facts)
    return green("the file can be read")


async def schema(examined: Examined) -> Finding:
    facts = await _facts(examined)
    if isinstance(facts, Finding):
        return facts
    if facts.objection is not None:
        return not_looked_at("the database is not this service's")
    if facts.revision == facts.head:
        return green(f"at {facts.head}, as this version wants it")
    says = f"at {facts.revision or 'nothing'}, and this version wants {facts.head}"
    if isinstance(facts, SqliteFacts) or examined.settings.staging:
        return yellow(says, "start the service anew: it upgrades; or `wearable-link migrate`")
    return red(f"{says}: `serve` would not start", "run `wearable-link migrate`")


async def durability(examined: Examined) -> Finding:
    facts = await _facts(examined)
    match facts:
        case SqliteFacts():
            return sqlite.durability(facts)
        case PostgresqlFacts():
            return postgresql.durability(facts)
    return facts


async def access(examined: Examined) -> Finding:
    facts = await _facts(examined)
    match facts:
        case SqliteFacts():
            path = examined.settings.database.path
            assert path is not None  # noqa: S101  (of SQLite)
            return sqlite.access(path)
        case PostgresqlFacts():
            return postgresql.access(facts)
    return facts


async def _facts(examined: Examined) -> SqliteFacts | PostgresqlFacts | Finding:
    """What was found, or why there is nothing to judge."""
    if said := unread(examined, DATABASE):
        return said
    if examined.settings.database.kind == "in_memory":
        return _MEMORY
    if _missing(examined):
        return not_looked_at("the file is not there")
    try:
        return await examined.database.answer()
    except StorageUnavailable:
        return not_looked_at("the database cannot be read")


def _missing(examined: Examined) -> str | None:
    path = examined.settings.database.path
    return str(path) if path is not None and not path.exists() else None


def _reason(cause: BaseException | None) -> str:
    """The system's word, SQLite's, or the kind of error; never what a server said."""
    return (cause and reason_of(cause)) or type(cause).__name__
