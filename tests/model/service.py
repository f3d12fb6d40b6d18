"""The whole application, over one storage and a Junction that is in our hands."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from dependency_injector import providers

from adapters.clock import FixedClock
from domain.identifiers import ConnectionId, PatientId
from domain.retention import Sweep
from entrypoints.container import Container, create_container
from entrypoints.http.app import create_app
from entrypoints.settings import load_settings
from tests.asgi import Answer, Client, running
from tests.builders import NOW
from tests.model import commands
from tests.model.junction import Junction
from tests.model.steps import SteppingLoop
from tests.model.storages import Storage
from tests.model.trouble import Trouble, TroubledRepository

# A process takes time to start. In no time at all its ids would not sort after the last one's.
_TO_START: Final = timedelta(seconds=1)

MEANWHILE: Final = timedelta(seconds=1)
"""Before somebody else asks something while Junction's answer is on its way."""

Request = Coroutine[Any, Any, Answer]


class Service:
    """It runs in a loop of its own, which stands still between requests."""

    _container: Container
    _running: AbstractAsyncContextManager[Client]

    def __init__(self, storage: Storage, *, trusting: bool) -> None:
        self.clock = FixedClock(NOW)
        self.junction = Junction(self.clock)
        self._storage = storage
        self._trouble = Trouble.NONE
        self._loop = SteppingLoop()
        self._runner = asyncio.Runner(loop_factory=lambda: self._loop)
        self._start(trusting=trusting)

    def restart(self, *, trusting: bool) -> None:
        self._stop()
        self._start(trusting=trusting)

    def close(self) -> None:
        self._stop()
        self._runner.close()

    def answers(self, *requests: Request, trouble: Trouble = Trouble.NONE) -> list[Answer]:
        """The answers of requests that are sent at once."""
        return self._runner.run(self._together(requests, trouble))

    def answer_until_killed(self, request: Request, *, steps: int) -> Answer | None:
        """The answer, if it came before the process was killed; then it is started again."""
        answer = self._runner.run(
            self._struck(request, steps, lambda _: self._storage.be_killed())
        )
        self.restart(trusting=self._trusting)
        return answer

    def answer_unless_hung_up(self, request: Request, *, steps: int) -> Answer | None:
        """The answer, if it came before the client went away; what they began is done then."""
        answer = self._runner.run(self._struck(request, steps, asyncio.Task.cancel))
        self._runner.run(self._all_written())
        return answer

    def answers_within(self, outer: Request, inner: Request) -> tuple[Answer, Answer | None]:
        """Of two: the inner one is sent, and answered, while the outer one waits for Junction.

        That is once Junction has said what it lists. If it is not asked, the inner is not sent.
        """
        return self._runner.run(self._within(outer, inner))

    def reconcile(self, older_than: timedelta, *, dry_run: bool) -> Request:
        return commands.reconcile(self._container, older_than, dry_run=dry_run)

    def forget(self, patient: str) -> Request:
        return commands.forget(self._container, patient)

    def history(self, patient: str, connection_id: str) -> list[tuple[UUID, str]]:
        """Ids and outcomes of what was written down of a connection, the oldest first."""
        call = self._container.connections().history(
            PatientId(patient), ConnectionId(UUID(connection_id))
        )
        return [(event.id, event.outcome) for event in reversed(self._runner.run(call))]

    def _start(self, *, trusting: bool) -> None:
        self.clock.advance(_TO_START)
        self._trusting = trusting
        self._container = self._wired(trusting=trusting)
        self._container.prepare_storage()
        self._running = running(create_app(self._container))
        self.client = self._runner.run(_entered(self._running))

    def _stop(self) -> None:
        self._runner.run(_left(self._running))
        self._runner.run(self._storage.come_to_rest())

    def _wired(self, *, trusting: bool) -> Container:
        """As `serve` would, without staging's well-known tokens."""
        environ = {
            "DATABASE_URL": self._storage.url,
            "LINK_TOKENS": "caller" if trusting else "ledger",
        }
        settings = load_settings(environ, staging=True, public_url="")
        container = create_container(replace(settings, staging=False))
        container.clock.override(providers.Object(self.clock))
        self._storage.wire(container, self.clock)
        container.junction.override(providers.Object(self.junction))
        for settling in (container.lifecycle, container.reconciling):
            settling.add_kwargs(sleep=self.clock.sleep)
        for port in (container.ledger, container.connections, container.retention):
            port.override(providers.Object(TroubledRepository(port(), lambda: self._trouble)))
        return container

    async def _together(self, requests: Iterable[Request], trouble: Trouble) -> list[Answer]:
        async with self._in_trouble(trouble):
            return await asyncio.gather(*requests)

    async def _all_written(self) -> None:
        """Writes are done in order, also those that nobody waits for: here is one that is none."""
        await self._container.retention().sweep(Sweep(limit=0))

    async def _within(self, outer: Request, inner: Request) -> tuple[Answer, Answer | None]:
        answers: list[Answer] = []

        async def meanwhile() -> None:
            self.clock.advance(MEANWHILE)
            answers.append(await inner)

        self.junction.meanwhile = meanwhile
        answer = await outer
        self.junction.meanwhile = None
        inner.close()
        return answer, answers[0] if answers else None

    @asynccontextmanager
    async def _in_trouble(self, trouble: Trouble) -> AsyncIterator[None]:
        self._trouble = trouble
        self.junction.be_in(trouble)
        if trouble is Trouble.BREAKS_MIDWAY:
            async with self._storage.breaking_midway():
                yield
        else:
            yield
        self._trouble = Trouble.NONE
        self.junction.be_in(Trouble.NONE)

    async def _struck(
        self,
        request: Request,
        steps: int,
        strike: Callable[["asyncio.Task[Answer]"], object],
    ) -> Answer | None:
        before = asyncio.all_tasks()
        task = asyncio.create_task(request)
        answers: list[Answer] = []

        def struck() -> None:
            if task.done():
                answers.append(task.result())
            strike(task)

        self._loop.strike_after(steps, struck)
        await asyncio.wait({task})
        if self._loop.spare():
            struck()
        if not task.cancelled():
            task.result()  # raises what nobody foresaw
        if others := asyncio.all_tasks() - before:  # what goes on without the one who asked
            await asyncio.wait(others)
        return answers[0] if answers else None


async def _entered(running: AbstractAsyncContextManager[Client]) -> Client:
    return await running.__aenter__()


async def _left(running: AbstractAsyncContextManager[Client]) -> None:
    await running.__aexit__(None, None, None)
