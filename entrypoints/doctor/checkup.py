"""All checks, at once; each has a few seconds, and none can take the others along."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from entrypoints.doctor import database, identity, junction, variables, webhooks
from entrypoints.doctor.examined import Examined
from entrypoints.doctor.finding import Finding, red

Check = Callable[[Examined], Awaitable[Finding]]

_SECONDS: Final = 5.0  # for a check; what it asks has a deadline of its own, and a word for it

CHECKS: Final[dict[str, Check]] = {
    "settings": variables.others,
    "junction-key": junction.key,
    "junction-answers": junction.answers,
    "clock": junction.clock,
    "webhook-secrets": webhooks.secrets,
    "webhook-self-test": webhooks.self_test,
    "webhook-delivery": webhooks.delivery,
    "identity-settings": identity.settings,
    "identity-answers": identity.endpoint,
    "database": database.reachable,
    "database-schema": database.schema,
    "database-durability": database.durability,
    "database-access": database.access,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`unfinished`: it was out of time, and what it began may still be under way."""

    name: str
    finding: Finding
    unfinished: bool = False


async def checkup(examined: Examined, *, seconds: float = _SECONDS) -> list[Checked]:
    """What each check says, in order."""
    checks = [_checked(name, check, examined, seconds) for name, check in CHECKS.items()]
    return list(await asyncio.gather(*checks))


async def _checked(name: str, check: Check, examined: Examined, seconds: float) -> Checked:
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            return Checked(name=name, finding=await check(examined))
    except Exception as error:  # noqa: BLE001  (a patient with two illnesses is told of both)
        if bound.expired():
            finding = red(f"took more than {seconds:g} seconds", "see what it waits for")
            return Checked(name=name, finding=finding, unfinished=True)
        kind = type(error).__name__
        finding = red(f"the check itself failed: {kind}", "report it, with this line")
        return Checked(name=name, finding=finding)
