"""What a patient, their browser and their app do, one after the other."""

from typing import Any, Final
from uuid import uuid4

import aiohttp

from entrypoints.demo.conversation import Answer, Conversation, Unexpected
from entrypoints.demo.link_form import read_form
from entrypoints.demo.transcript import Transcript

_SECONDS: Final = 20.0  # for a request; a service gives Junction five by default
_PROVIDER: Final = "garmin"
_EXCHANGE: Final = "/v1/wearables/link/exchange"
_CONNECTIONS: Final = "/v1/wearables/connections"


async def link_a_wearable(url: str, transcript: Transcript) -> None:
    """The whole flow.

    Raises:
        Unexpected: an answer is not what it should be; what was done until then stays done.

    """
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(
        timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        await _Flow(Conversation(session=session, url=url, transcript=transcript)).run()


class _Flow:
    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._say = conversation.transcript.headline
        self._patient = f"demo-{uuid4().hex[:8]}"  # fresh, so that each run begins at nothing

    async def run(self) -> None:
        await self._knock()
        minted = await self._mint()
        await self._link(_text(minted, "link_web_url"))
        link_token = _text(minted, "link_token")
        connection = await self._exchange(link_token)
        await self._look(connection)
        await self._disconnect(connection)
        await self._steal(link_token)
        self._talk.transcript.last_word("Every answer was as expected.")

    async def _knock(self) -> None:
        self._say("Is the service there?")
        expect(await self._talk.call("GET", "/livez"), 200, status="ok")

        self._say("Exchange one of staging's link tokens for tests. It is of patient `demo`.")
        body = {"link_token": "link-test-connected"}
        answer = await self._talk.call("POST", _EXCHANGE, patient="demo", body=body)
        if answer.status == 401:
            raise Unexpected(
                f"{self._talk.url} does not take staging's bearer tokens: it is not staging, and "
                "a demo has no business there. Serve one with `wearable-link serve --staging`."
            )
        expect(answer, 201, patient_id="demo", provider="oura")

    async def _mint(self) -> dict[str, Any]:
        self._say("A new patient wants to link a wearable: mint a link token.")
        body = {"provider": _PROVIDER}
        answer = await self._talk.call(
            "POST", "/v1/wearables/link/token", patient=self._patient, body=body
        )
        return expect(answer, 201)

    async def _link(self, page: str) -> None:
        self._say("Their browser opens Junction's Link page, here the simulator's ...")
        opened = await self._talk.open(page)
        form = read_form(opened.body)
        if opened.status != 200 or _PROVIDER not in form.choices:
            raise Unexpected(
                "This is not the simulator's Link page, and a demo signs in nowhere else: serve "
                "without JUNCTION_API_KEY."
            )
        self._say("... and they press its button.")
        pressed = await self._talk.press(form, _PROVIDER, page=page)
        if pressed.status != 200:
            raise Unexpected(f"The Link page answered {pressed.status}, expected 200.")

    async def _exchange(self, link_token: str) -> dict[str, Any]:
        self._say("Back from Link, the app exchanges the token: a durable connection.")
        body = {"link_token": link_token}
        answer = await self._talk.call("POST", _EXCHANGE, patient=self._patient, body=body)
        return expect(
            answer, 201, patient_id=self._patient, provider=_PROVIDER, status="connected"
        )

    async def _look(self, connection: dict[str, Any]) -> None:
        self._say("It is listed ...")
        listed = await self._talk.call("GET", _CONNECTIONS, patient=self._patient)
        expect(listed, 200, connections=[connection])

        self._say("... and has a history.")
        path = f"{_CONNECTIONS}/{connection['id']}/events"
        history = expect(await self._talk.call("GET", path, patient=self._patient), 200)
        if not history.get("events"):
            raise Unexpected("The history is empty, expected the exchange in it.")

    async def _disconnect(self, connection: dict[str, Any]) -> None:
        self._say("The patient ends it, at Junction too.")
        path = f"{_CONNECTIONS}/{connection['id']}"
        ended = await self._talk.call("DELETE", path, patient=self._patient)
        if ended.status != 204:
            raise Unexpected(f"It answered {ended.status}, expected 204.")

        self._say("It stays in the list, as disconnected.")
        listed = await self._talk.call("GET", _CONNECTIONS, patient=self._patient)
        expect(listed, 200, connections=[connection | {"status": "disconnected"}])

    async def _steal(self, link_token: str) -> None:
        self._say("Somebody else's link token is refused.")
        body = {"link_token": link_token}
        answer = await self._talk.call("POST", _EXCHANGE, patient="demo", body=body)
        expect(answer, 400, error="invalid_link_token")


def expect(answer: Answer, status: int, /, **members: object) -> dict[str, Any]:
    """The answer's members.

    Raises:
        Unexpected: it has another status, or one of `members` is another.

    """
    if answer.status != status:
        raise Unexpected(f"It answered {answer.status}, expected {status}.")
    said = answer.json
    for name, value in members.items():
        if said.get(name) != value:
            raise Unexpected(f"`{name}` of the answer is not {value!r}.")
    return said


def _text(members: dict[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise Unexpected(f"The answer has no `{name}`.")
    return value
