"""Whether what Junction signs would be believed: here, and by a service that runs."""

import hashlib
import hmac
from base64 import b64decode, b64encode
from typing import Final
from uuid import uuid4

import aiohttp
from starlette.datastructures import Headers

from domain.secret import Secret
from entrypoints.doctor.examined import Examined
from entrypoints.doctor.finding import Finding, green, not_looked_at, red, yellow
from entrypoints.doctor.variables import WEBHOOKS, unread, wrong
from entrypoints.http.failures import InvalidSignature
from entrypoints.http.junction_events import read_event
from entrypoints.http.svix import Signature
from entrypoints.webhook_settings import STAGING_SECRET

_PATH: Final = "/webhooks/junction-link"
_SECONDS: Final = 3.0

# Nobody's, and of no kind that means anything: heard, and without effect (docs/adr/0012).
_BODY: Final = b'{"event_type": "wearable_link.doctor"}'

_HOW_TO_SET: Final = "set JUNCTION_WEBHOOK_SECRETS to the endpoint's signing secret"


async def secrets(examined: Examined) -> Finding:
    if problems := examined.problems_of(*WEBHOOKS):
        return wrong(problems)
    live = examined.settings.junction_webhook_secrets
    if not live:
        return yellow("none is set: every webhook is answered 500", _HOW_TO_SET)
    published = any(secret.reveal() == STAGING_SECRET for secret in live)
    if published and not examined.settings.staging:
        return red("staging's secret is among them: anyone may sign with it", _HOW_TO_SET)
    return green(f"{len(live)} of the right shape" + (", published" if published else ""))


async def self_test(examined: Examined) -> Finding:
    """Signed as Junction's sender does, verified as the service does."""
    live = examined.settings.junction_webhook_secrets
    if said := _nothing_to_sign_with(examined):
        return said
    now = examined.container.clock().now()
    headers = _signed(live[0], int(now.timestamp()))
    try:
        signature = Signature.of(Headers(headers), now=now)
        signature.check(_BODY, live)
    except InvalidSignature:
        return red("a message signed with the first secret is refused", _HOW_TO_SET)
    read_event(_BODY, signature.message_id)
    return green("a message signed with the first secret is believed")


async def delivery(examined: Examined) -> Finding:
    """The same message, sent to a service that runs."""
    if examined.url is None:
        return green("no --url, so none was sent")
    if said := _nothing_to_sign_with(examined):
        return said
    first, *_ = examined.settings.junction_webhook_secrets
    headers = _signed(first, int(examined.container.clock().now().timestamp()))
    try:
        status, body = await _send(examined.url + _PATH, headers)
    except (TimeoutError, aiohttp.ClientError):
        return red("the service does not answer", "start it, or mend --url")
    return _judged(status, body)


def _judged(status: int, body: bytes) -> Finding:
    if status == 200 and b'"received":true' in body:
        return green("the service believed a message signed with the first secret")
    if status == 401:
        return red("the service refuses the signature", "give it these secrets; see its clock")
    if status == 500 and b'"webhooks_not_configured"' in body:
        return red("the service has no secret", "give it these, and start it anew")
    if status in {502, 503}:
        return yellow(f"the service answers {status}: it is busy, or ill", "see its /readyz")
    return red(f"what answers is not this service ({status})", "mend --url")


def _nothing_to_sign_with(examined: Examined) -> Finding | None:
    if examined.settings.junction_webhook_secrets or examined.problems_of(*WEBHOOKS):
        return unread(examined, WEBHOOKS)
    return not_looked_at("there is no secret to sign with")


async def _send(url: str, headers: dict[str, str]) -> tuple[int, bytes]:
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(url, data=_BODY, headers=headers, allow_redirects=False) as response,
    ):
        return response.status, await response.content.read(1024)


def _signed(secret: Secret, at: int) -> dict[str, str]:
    """By Svix's description, not by the code that verifies."""
    message_id = f"msg_doctor_{uuid4().hex}"
    key = b64decode(secret.reveal().partition("_")[2])
    signed = f"{message_id}.{at}.".encode() + _BODY
    signature = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "svix-id": message_id,
        "svix-timestamp": str(at),
        "svix-signature": f"v1,{signature}",
    }
