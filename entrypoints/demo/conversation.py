"""Talking with a service, in front of an audience."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urljoin

import aiohttp
import msgspec

from entrypoints.demo.link_form import LinkForm
from entrypoints.demo.transcript import Sent, Transcript

_MAX_BODY: Final = 1 << 20
_JSON: Final = "application/json"


class Unexpected(Exception):
    """An answer is not what it should be, or there is none; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    content_type: str
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Raises Unexpected: it is no JSON object."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Unexpected("The answer is no JSON object: this is another service.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """With the service at `url`, written down as it goes."""

    session: aiohttp.ClientSession
    url: str
    transcript: Transcript

    async def call(
        self, method: str, path: str, *, patient: str | None = None, body: object = None
    ) -> Answer:
        """A request of the API, by a patient of staging or by nobody."""
        headers = {} if patient is None else {"Authorization": f"Bearer staging.{patient}"}
        sent = None
        if body is not None:
            headers["Content-Type"] = _JSON
            sent = msgspec.json.encode(body).decode()
        return await self._send(
            Sent(method=method, url=self.url + path, headers=headers, body=sent)
        )

    async def open(self, url: str) -> Answer:
        """A page, as a browser would."""
        return await self._send(Sent(method="GET", url=url, headers={}))

    async def press(self, form: LinkForm, choice: str, *, page: str) -> Answer:
        """The button `choice` of a form on the page at that address."""
        sent = Sent(
            method="POST",
            url=urljoin(page, form.action),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form.hidden | {"choice": choice}),
        )
        return await self._send(sent)

    async def _send(self, sent: Sent) -> Answer:
        self.transcript.request(sent)
        try:
            async with self.session.request(
                sent.method,
                sent.url,
                headers=sent.headers,
                data=None if sent.body is None else sent.body.encode(),
                allow_redirects=False,
            ) as response:
                body = await response.content.read(_MAX_BODY)
                answer = Answer(
                    status=response.status, content_type=response.content_type, body=body
                )
        except TimeoutError:
            raise Unexpected(f"{self.url} does not answer in time.") from None
        except (aiohttp.ClientError, ValueError):  # ValueError: an address that is none
            raise Unexpected(
                f"No service answers at {self.url}. Start the service in another terminal: "
                "`make run`, or `wearable-link serve --staging`."
            ) from None
        self.transcript.answer(answer.status, answer.body, answer.content_type)
        return answer
