"""What the checks look at: the settings, what they name, and what is asked once for several."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from entrypoints.container import Container
from entrypoints.settings import Settings
from ports.examination import PostgresqlFacts, SqliteFacts
from ports.junction_probe import ProbeAnswer

T = TypeVar("T")


class Once(Generic[T]):
    """A question that is asked when somebody first wants the answer, and not again."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Future[T] | None = None

    async def answer(self) -> T:
        """The answer, or what asking raised, for each who wants it."""
        if self._asked is None:
            self._asked = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """`problems` are of the settings, each beginning with the name of its variable.

    `url` is a running service's, if one was named.
    """

    settings: Settings
    problems: tuple[str, ...]
    container: Container
    junction: Once[ProbeAnswer]
    database: Once[SqliteFacts | PostgresqlFacts]
    url: str | None

    def problems_of(self, *beginnings: str) -> list[str]:
        """Those of the variables whose names begin so."""
        return [problem for problem in self.problems if problem.startswith(beginnings)]


def examined(
    settings: Settings, problems: list[str], container: Container, url: str | None
) -> Examined:
    async def ask_junction() -> ProbeAnswer:
        async with container.junction_session():
            return await container.junction_probe().ask()

    async def ask_database() -> SqliteFacts | PostgresqlFacts:
        return await container.examiner().examine()

    return Examined(
        settings=settings,
        problems=tuple(problems),
        container=container,
        junction=Once(ask_junction),
        database=Once(ask_database),
        url=url,
    )
