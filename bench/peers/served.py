"""The candidates, and how each of them is served."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """`does_all` is: it lists connections and takes webhooks too."""

    name: str
    does_all: bool = False
    database: str = "sqlite"
    server: str = "uvicorn"

    def command(self, port: int, python: str = sys.executable) -> Sequence[str]:
        """To be run in the root of the repository."""
        app = f"bench.peers.{self.name}:app"
        address = f"127.0.0.1:{port}"
        if self.server == "gunicorn":
            threads = ("--worker-class", "gthread", "--workers", "1", "--threads", "32")
            log = ("--log-level", "warning")
            return (python, "-m", "gunicorn", *threads, *log, "--bind", address, app)
        served = ("--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        loop = ("--loop", "uvloop", "--http", "httptools")
        log = ("--no-access-log", "--log-level", "warning")
        return (python, "-m", "uvicorn", *served, *loop, *log, app)


CANDIDATES: Final = (
    Candidate(name="fastapi_httpx", does_all=True),
    Candidate(name="fastapi_core"),
    Candidate(name="fastapi_aiosqlite", does_all=True),
    Candidate(name="litestar_msgspec"),
    Candidate(name="flask_requests", server="gunicorn"),
    Candidate(name="floor", does_all=True),
    Candidate(name="floor_extras", does_all=True),
    Candidate(name="bare_asgi", database="none"),
    Candidate(name="fastapi_asyncpg", database="postgresql"),
)
