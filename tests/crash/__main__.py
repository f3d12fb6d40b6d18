"""The command behind `make crash`. Exit codes: 0 nothing was found; 1 something was; 2 usage."""

import argparse
import asyncio
import secrets
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp

from tests.crash.crash import Order, crash
from tests.crash.postgresql_tables import PostgresqlTables
from tests.crash.tables import SqliteTables, Tables


def main() -> int:
    parser = _parser()
    options = parser.parse_args()
    folder = Path(mkdtemp(prefix="crash-"))
    tables = _tables_at(options.database_url or f"sqlite:///{folder}/staging.db")
    if asyncio.run(tables.are_there()):
        parser.error("--database-url: not empty; it would be emptied")
    order = Order(
        seed=secrets.randbelow(10**9) if options.seed is None else options.seed,
        first=options.first,
        count=options.cycles,
        workers=options.clients,
    )
    if asyncio.run(crash(order, tables, folder=folder, say=_say)):
        _say(f"what is left of it is in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


def _tables_at(url: str) -> Tables:
    if url.startswith("postgresql:"):
        return PostgresqlTables(url)
    return SqliteTables(Path(url.removeprefix("sqlite:///")).absolute())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make crash", description=__doc__)
    parser.add_argument("--cycles", type=int, required=True)
    parser.add_argument("--first", type=int, required=True, help="cycle to begin with")
    parser.add_argument("--clients", type=int, required=True, help="workers at once")
    parser.add_argument("--seed", type=int, help="by default another one each time")
    parser.add_argument("--database-url", help="an empty database; by default a file")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
