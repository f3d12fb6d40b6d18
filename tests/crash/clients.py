"""Patients' programs on real sockets; a 201 is in the journal before they go on."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

import aiohttp
import msgspec

from domain.provider import Provider, slugs_to_link
from tests.crash.journal import Asked, Journal

_API: Final = "/v1/wearables/link"


class Gone(Exception):
    """The service went away in the middle of a request, or before it."""


class Junction:
    """The simulated Junction's other side: what a patient does there. It is not killed."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._links: dict[tuple[str, Provider], asyncio.Future[None]] = {}

    async def link(self, patient: str, provider: Provider, token: str | None = None) -> None:
        """Link once; a link that exists stays as old as it is, so that equal stays equal.

        With a `token` it is done as Link does it, and the token is dead at Junction afterwards.
        """
        key = patient, provider
        if key not in self._links:
            self._links[key] = asyncio.ensure_future(self._link(patient, provider, token))
        await self._links[key]

    async def _link(self, patient: str, provider: Provider, token: str | None) -> None:
        slug = slugs_to_link(provider)[0]
        if token is None:
            url = f"{self._url}/_simulator/users/{patient}/providers/{slug}"
            request = self._session.put(url, json={"status": "connected"})
        else:
            form = {"token": token, "choice": slug}
            request = self._session.post(f"{self._url}/link", data=form)
        async with request as answer:
            answer.raise_for_status()


class Clients:
    """Of one run of the service, at `url`."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, *, junction: Junction, journal: Journal
    ) -> None:
        self._session = session
        self._url = url
        self.junction = junction
        self.journal = journal

    async def ask(self, asked: Asked) -> str | None:
        """The token, of a mint that worked.

        Raises Gone.
        """
        self.journal.ask(asked)
        body = {} if asked.provider is None else {"provider": asked.provider.value}
        if asked.token is None:
            status, answer = await self._post("token", asked.patient, body)
        else:
            whole = {"link_token": asked.token, **body}
            status, answer = await self._post("exchange", asked.patient, whole)
        if status != 201:
            self.journal.refused(asked, status, answer["error"])
            return None
        if asked.token is not None:
            self.journal.exchanged(asked, answer)
            return None
        token = str(answer["link_token"])
        self.journal.minted(asked, token)
        return token

    async def _post(self, path: str, patient: str, body: object) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer staging.{patient}"}
        try:
            async with self._session.post(
                f"{self._url}{_API}/{path}", json=body, headers=headers
            ) as answer:
                return answer.status, msgspec.json.decode(await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Gone from error


async def at_once(*requests: Coroutine[Any, Any, Any]) -> None:
    """All of them, to the end, also if one finds the service gone."""
    outcomes = await asyncio.gather(*requests, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
