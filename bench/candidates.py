"""Who is measured: this service as it is installed, and the peers, each with its real server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from bench import ledger
from bench.peers.served import CANDIDATES

ROOT: Final = Path(__file__).parents[1]
WEBHOOK_SECRET: Final = "whsec_bWVhc3VyZWQtYW5kLW5vdC1hLXNlY3JldC1hdC1hbGw="  # noqa: S105  (made up)

SERVICE: Final = ROOT / ".venv-bench/service/bin/wearable-link"
_PEERS: Final = ROOT / ".venv-bench/peers/bin/python"

# Beside others no environment may have in it what would change what is measured.
_PATH: Final = {"PATH": "/usr/bin:/bin"}

_TITLES: Final = {
    "fastapi_httpx": "FastAPI + pydantic + httpx + SQLAlchemy ORM, as written",
    "fastapi_core": "FastAPI + aiohttp + SQLAlchemy Core, one connection",
    "fastapi_aiosqlite": "FastAPI + aiohttp + bare aiosqlite behind a lock",
    "litestar_msgspec": "Litestar + msgspec + httpx + SQLAlchemy Core",
    "flask_requests": "Flask + gunicorn, 32 threads + requests + sqlite3",
    "floor": "floor: Starlette + aiohttp + sqlite3 thread, group commit",
    "floor_extras": "the floor with the same extras",
    "bare_asgi": "bare ASGI: reads the body, answers a constant",
    "fastapi_asyncpg": "FastAPI + aiohttp + asyncpg, one by one",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`fill` makes the database that `environment` names, `renew` makes it as it was filled."""

    name: str
    title: str
    command: Callable[[int], Sequence[str]]
    environment: Callable[[str, str], Mapping[str, str]]
    fill: Callable[[Path], None]
    renew: Callable[[Path], None] = ledger.renew


def _serve(port: int) -> Sequence[str]:
    return str(SERVICE), "serve", "--staging", "--port", str(port)


def _environment_of_service(database: str, junction: str) -> Mapping[str, str]:
    url = database if "://" in database else f"sqlite:///{database}"
    return _PATH | {
        "DATABASE_URL": url,
        "JUNCTION_BASE_URL": junction,
        "JUNCTION_WEBHOOK_SECRETS": WEBHOOK_SECRET,
    }


def _environment_of_peer(database: str, junction: str) -> Mapping[str, str]:
    return _PATH | {
        "DATABASE": database,
        "JUNCTION_URL": junction,
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def service(name: str = "service", title: str = "**Wearable Link**") -> Candidate:
    return Candidate(
        name=name,
        title=title,
        command=_serve,
        environment=_environment_of_service,
        fill=ledger.fill_ours,
    )


PEERS: Final = {
    each.name: Candidate(
        name=each.name,
        title=_TITLES[each.name],
        command=partial(each.command, python=str(_PEERS)),
        environment=_environment_of_peer,
        fill=ledger.fill_peers,
    )
    for each in CANDIDATES
}

AGAIN: Final = service("again", "Wearable Link a second time: the noise")
