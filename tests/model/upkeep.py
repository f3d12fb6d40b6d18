"""What is asked of the service about connections that exist; see `asking`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from tests.asgi import Answer
from tests.http.calls import CONNECTIONS
from tests.model.asking import Answered, Junction, Said
from tests.model.choice import Listed
from tests.model.message import Message
from tests.model.reconcile_rules import reconcile
from tests.model.rules import World
from tests.model.service import Request, Service
from tests.model.trouble import Trouble
from tests.model.upkeep_rules import disconnect, forget, hear

APPS: Final = {"apple_health_kit"}  # slugs of theirs, of those in these histories


class Hearing(NamedTuple):
    message: Message

    def send(self, service: Service) -> Request:
        return self.message.deliver(service.client, service.clock)

    def happen(self, world: World, junction: Junction, trouble: Trouble, _: Said, /) -> Answered:
        return 200, hear(world, self.message, junction.rows_of, trouble)


class HearingOfChange(NamedTuple):
    """Junction lists a slug otherwise, or no more, and says so at once."""

    hearing: Hearing
    patient: str
    slug: str
    listed_as: str | None

    async def send(self, service: Service) -> Answer:
        service.junction.change(self.patient, self.slug, self.listed_as)
        return await self.hearing.send(service)

    def happen(
        self, world: World, junction: Junction, trouble: Trouble, said: Said, /
    ) -> Answered:
        return self.hearing.happen(world, junction, trouble, said)


class Disconnecting(NamedTuple):
    """`name` is of the connection, if it is the patient's."""

    patient: str
    connection_id: str
    name: str | None

    def send(self, service: Service) -> Request:
        headers = [("authorization", f"Bearer staging.{self.patient}")]
        path = f"{CONNECTIONS}/{self.connection_id}"
        return service.client.request("DELETE", path, headers=headers)

    def happen(self, world: World, junction: Junction, trouble: Trouble, _: Said, /) -> Answered:
        def rows_of(user: str) -> Sequence[Listed]:
            """Every slug of that name was ended, but for an app's: it connects again by itself."""
            rows = junction.rows_of(user) or ()
            return [row for row in rows if row.provider != self.name or row.slug in APPS]

        return 204, disconnect(world, self.patient, self.name, rows_of, trouble)


class Reconciling(NamedTuple):
    older_than: timedelta
    dry_run: bool

    def send(self, service: Service) -> Request:
        return service.reconcile(self.older_than, dry_run=self.dry_run)

    def happen(self, world: World, junction: Junction, trouble: Trouble, _: Said, /) -> Answered:
        return 0, reconcile(
            world, self.older_than, junction.rows_of, trouble, dry_run=self.dry_run
        )


class Forgetting(NamedTuple):
    """`user` is who the patient is at Junction, before."""

    patient: str
    user: str | None

    def send(self, service: Service) -> Request:
        return service.forget(self.patient)

    def happen(self, world: World, _: Junction, trouble: Trouble, __: Said, /) -> Answered:
        return 0, forget(world, self.patient, self.user, trouble)
