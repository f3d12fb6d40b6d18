"""A name of this machine that can be forgotten.

aiohttp asks the event loop about names, so the loop is where an answer can be put in.
"""

import asyncio
from typing import Any, Final

import aiohttp
import pytest

from tests.faults.proxy import FaultProxy

HOST: Final = "upstream.invalid"
"""RFC 6761: no name server knows it."""


class Names:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._loop = asyncio.get_running_loop()
        self._real = self._loop.getaddrinfo
        self._known = True
        self._sessions: tuple[object, ...] = ()
        monkeypatch.setattr(self._loop, "getaddrinfo", self._getaddrinfo)

    def are_kept_by(self, *sessions: object) -> None:
        """Each remembers for ten seconds what it was told."""
        self._sessions = sessions

    async def forget(self, _: FaultProxy) -> None:
        self._known = False
        for session in self._sessions:
            assert isinstance(session, aiohttp.ClientSession)
            assert isinstance(session.connector, aiohttp.TCPConnector)
            session.connector.clear_dns_cache()

    def learn(self) -> None:
        self._known = True

    async def _getaddrinfo(self, host: Any, *arguments: Any, **named: Any) -> Any:
        here = self._known and host == HOST
        return await self._real("127.0.0.1" if here else host, *arguments, **named)
