"""The whole service, with a proxy between it and each of those it asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from adapters.junction.journal import FileJournal
from adapters.junction.model import JunctionModel
from entrypoints.container import Container
from entrypoints.http.app import create_app
from tests.asgi import Client, running
from tests.authority import Authority
from tests.faults.certificates import Certificate
from tests.faults.faults import HANGING, NAME_LOST, TLS, all_faults
from tests.faults.names import HOST, Names
from tests.faults.proxy import Fault, FaultProxy, a_proxy_of
from tests.faults.steps import Step, Upstream
from tests.faults.upstreams import Upstreams
from tests.faults.wiring import wired

# Seconds: a hanging upstream is waited for; no other must look like one on a busy machine. What
# is told to wait for 7 seconds must not.
_SHORT: Final = 2.0
_LONG: Final = 6.0


@dataclass(frozen=True)
class Props:
    """What has to be there before a service is set up; a database is prepared at the path."""

    database: Path
    upstreams: Upstreams
    trusted: Certificate
    unknown: Certificate
    monkeypatch: pytest.MonkeyPatch


@dataclass(frozen=True, kw_only=True)
class Stage:
    """`container` is the service's; `journal` is of all that has happened at Junction."""

    client: Client
    container: Container
    model: JunctionModel
    journal: FileJournal
    authority: Authority
    proxies: dict[Upstream, FaultProxy]
    names: Names
    faults: dict[str, Fault]

    @property
    def events(self) -> list[str]:
        return [type(event).__name__ for event in self.journal.replay()]

    @property
    def strangers(self) -> tuple[str, ...]:
        """Names other than their own by which the upstreams were asked."""
        asked = {host for proxy in self.proxies.values() for host in proxy.hosts}
        return tuple(sorted(asked - {"127.0.0.1", HOST}))

    async def fail(self, fault: str, step: Step) -> None:
        await self.proxies[step.upstream].fail(self.faults[fault], step)

    async def mend(self) -> None:
        """Let what is under way come to its end, and have no fault from then on."""
        self.names.learn()
        for proxy in self.proxies.values():
            await proxy.port.idle()
            await proxy.mend()


@asynccontextmanager
async def staged(props: Props, fault: str, step: Step) -> AsyncIterator[Stage]:
    """A service that reaches its upstreams as `fault` needs it to, and has not met it yet."""
    tls = props.trusted.to_serve() if fault in TLS else None
    names = Names(props.monkeypatch)
    journal = FileJournal(props.database.with_suffix(".jsonl"))
    model, authority = props.upstreams.renew(journal)
    _trust(props)
    async with (
        a_proxy_of(props.upstreams.url, tls=tls) as junction,
        a_proxy_of(props.upstreams.url, tls=tls) as asked,
    ):
        proxies: dict[Upstream, FaultProxy] = {"junction": junction, "authority": asked}
        deadlines = dict.fromkeys(proxies, _LONG)
        if fault in HANGING:
            deadlines[step.upstream] = _SHORT
        container = wired(
            props.database,
            proxies,
            looked_up=step.upstream if fault == NAME_LOST else None,
            deadlines=deadlines,
        )
        names.are_kept_by(container.junction_session(), container.identity_session())
        async with running(create_app(container)) as client:
            yield Stage(
                client=client,
                container=container,
                model=model,
                journal=journal,
                authority=authority,
                proxies=proxies,
                names=names,
                faults=all_faults(names=names, self_signed=props.unknown.to_serve()),
            )


def _trust(props: Props) -> None:
    """The one context that aiohttp makes for all its sessions, when it is imported."""
    context = props.trusted.to_trust()
    props.monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)
