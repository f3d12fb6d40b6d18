"""The requests that a candidate is sent, and its answers as they came."""

import hmac
import json
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from bench.peers import common

SECRET: Final = "whsec_" + b64encode(b"a secret of the bench's own").decode()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    cached: str | None

    @property
    def id(self) -> object:
        return self.body.get("id") if isinstance(self.body, dict) else None


@dataclass(frozen=True, slots=True)
class Asker:
    session: aiohttp.ClientSession
    url: str

    async def exchange(
        self, body: object, bearer: str | None = "Bearer staging.patient-0"
    ) -> Answer:
        headers = {"Content-Type": "application/json"}
        if bearer is not None:
            headers["Authorization"] = bearer
        sent = body if isinstance(body, str) else json.dumps(body)
        return await self._ask("POST", common.EXCHANGE, sent, headers)

    async def exchange_of(self, patient: int, **more: str) -> Answer:
        body = {"link_token": f"token-{patient}", **more}
        return await self.exchange(body, f"Bearer staging.patient-{patient}")

    async def connections(self) -> Answer:
        headers = {"Authorization": "Bearer staging.patient-0"}
        return await self._ask("GET", common.CONNECTIONS, None, headers)

    async def webhook(self, event: object, secret: str = SECRET) -> Answer:
        sent, at = json.dumps(event), str(int(time.time()))
        key = b64decode(secret.removeprefix("whsec_"))
        signature = hmac.digest(key, f"msg_1.{at}.{sent}".encode(), "sha256")
        signed = "v1,bm9uZQ== v1," + b64encode(signature).decode()
        headers = {"svix-id": "msg_1", "svix-timestamp": at, "svix-signature": signed}
        return await self._ask("POST", common.WEBHOOK, sent, headers)

    async def _ask(
        self, method: str, path: str, sent: str | None, headers: dict[str, str]
    ) -> Answer:
        async with self.session.request(
            method, self.url + path, data=sent, headers=headers
        ) as response:
            text = await response.text()
            # What Starlette answers by itself is no JSON.
            body = json.loads(text) if response.content_type == "application/json" else text
            return Answer(response.status, body, response.headers.get("Cache-Control"))
