"""A staging database and its Junction, as they are between two uses of a command."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.junction.model import JunctionModel
from adapters.junction.simulated_user import user_id_of
from domain.identifiers import Caller, PatientId, RequestId
from domain.provider import Slug
from entrypoints.commands.startup import opened
from entrypoints.container import create_container
from entrypoints.settings import load_settings


@dataclass(frozen=True)
class Records:
    """`file` is the database; the simulator remembers beside it."""

    file: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"DATABASE_URL": f"sqlite:///{self.file}"}

    def link(self, *patients: str, slug: str = "oura") -> None:
        """Each mints, links and exchanges."""
        container = create_container(load_settings(self.environ, staging=True, public_url=""))
        container.prepare_storage()

        async def run() -> None:
            async with opened(container), container.audit_trail():
                for patient in patients:
                    caller = Caller(
                        patient_id=PatientId(patient), request_id=RequestId("a request")
                    )
                    link = await container.linking().mint(caller, provider=None, redirect_url=None)
                    container.junction_model().link(link.token.reveal(), Slug(slug))
                    await container.linking().exchange(caller, link.token, None)

        asyncio.run(run())

    def age(self, by: timedelta) -> None:
        """As if nobody had looked for so long."""
        microseconds = by // timedelta(microseconds=1)
        self.execute(f"UPDATE connections SET seen_at = seen_at - {microseconds}")  # noqa: S608

    def at_junction(self, happens: Callable[[JunctionModel], object]) -> None:
        """Something happens there while we are away."""
        container = create_container(load_settings(self.environ, staging=True, public_url=""))
        happens(container.junction_model())

    def unlink(self, *patients: str, slug: str = "oura") -> None:
        def happens(model: JunctionModel) -> None:
            for patient in patients:
                model.unlist_provider(user_id_of(PatientId(patient)), Slug(slug))

        self.at_junction(happens)

    def statuses(self) -> Counter[str]:
        return Counter(status for [status] in self.execute("SELECT status FROM connections"))

    def execute(self, statement: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.file)) as database, database:
            return database.execute(statement).fetchall()
