"""Whether the key goes with the address, Junction takes it, and we agree about the time."""

from datetime import datetime
from typing import Final

import aiohttp

from domain.junction_errors import JunctionError, JunctionTimeout, JunctionUnavailable
from entrypoints.cause import reason_of
from entrypoints.doctor.examined import Examined
from entrypoints.doctor.finding import Finding, green, not_looked_at, red, yellow
from entrypoints.doctor.variables import JUNCTION, unread, wrong
from entrypoints.http.svix import TOLERANCE
from entrypoints.junction_hosts import is_loopback, is_of_old, is_sandbox
from ports.junction_probe import ProbeAnswer

_SIMULATED: Final = green("Junction is simulated inside the service")
_SIMULATED_CLOCK: Final = green("the simulated Junction has our own clock")
_NO_SKEW: Final = 5.0  # seconds: Date is of whole ones, and an answer takes its time


async def key(examined: Examined) -> Finding:
    settings = examined.settings
    if problems := examined.problems_of(*JUNCTION):
        return wrong(problems)
    if settings.junction_base_url is None:
        return _SIMULATED
    url = settings.junction_base_url
    host = url.partition("://")[2].rstrip("/")
    if is_loopback(_without_port(host)) and not settings.staging:
        return yellow(f"{host} is this machine, not Junction", "leave JUNCTION_BASE_URL out")
    if is_of_old(url):
        return yellow(f"{host} is Junction's old name", "leave JUNCTION_BASE_URL out")
    if is_sandbox(settings.junction_api_key.reveal()) and not settings.staging:
        return yellow(
            f"a sandbox key, for {host}: no real wearable is behind it",
            "for production set a key that begins with pk_",
        )
    return green(f"the key goes with {host}")


async def answers(examined: Examined) -> Finding:
    if said := unread(examined, JUNCTION):
        return said
    if examined.settings.junction_base_url is None:
        return _SIMULATED
    try:
        return _judged(await examined.junction.answer())
    except JunctionError as error:
        return _unheard(error)


def _judged(answer: ProbeAnswer) -> Finding:
    if answer.status in {401, 403}:
        return red(
            f"Junction answers, and refuses the key ({answer.status})",
            "copy JUNCTION_API_KEY anew from Junction's dashboard, of the right team and region",
        )
    if answer.status == 429 or answer.status >= 500:
        return yellow(f"Junction answers {answer.status}", "try again; see Junction's status page")
    if answer.status in {200, 404} and answer.is_junctions:
        return green("Junction answers, and takes the key")
    return red(
        f"what answers is not Junction ({answer.status})", "see what JUNCTION_BASE_URL leads to"
    )


async def clock(examined: Examined) -> Finding:
    if said := unread(examined, JUNCTION):
        return said
    if examined.settings.junction_base_url is None:
        return _SIMULATED_CLOCK
    try:
        answer = await examined.junction.answer()
    except JunctionError:
        return not_looked_at("Junction does not answer")
    return _compared(answer.date, examined.container.clock().now())


def _compared(theirs: datetime | None, ours: datetime) -> Finding:
    if theirs is None:
        return yellow("Junction's answer bears no time", "see that this machine keeps time (NTP)")
    skew = (ours - theirs).total_seconds()
    if abs(skew) <= _NO_SKEW:
        return green("our clock and Junction's agree")
    says = (
        f"our clock is {abs(skew):,.0f} seconds {'ahead of' if skew > 0 else 'behind'} Junction's"
    )
    advice = "set this machine's clock, and keep it set (NTP)"
    if abs(skew) > TOLERANCE.total_seconds():
        return red(f"{says}: every webhook is refused", advice)
    return yellow(says, advice)


def _unheard(error: JunctionError) -> Finding:
    match error:
        case JunctionTimeout():
            return red(
                "Junction does not answer in time", "see that the way to it is open, and TLS"
            )
        case JunctionUnavailable():
            return _no_way(error.__cause__)
    return red("what answers speaks no HTTP", "see what JUNCTION_BASE_URL leads to")


def _no_way(cause: BaseException | None) -> Finding:
    """By how far the request came."""
    if isinstance(cause, aiohttp.ClientConnectorDNSError):
        return red("Junction's name is not found", "see that this machine can resolve names")
    if isinstance(cause, aiohttp.ClientSSLError):
        return red(
            "no TLS with Junction: its certificate is not believed, or it speaks none",
            "see what is between us, and that this machine has its CA certificates",
        )
    reason = (cause and reason_of(cause)) or type(cause).__name__
    return red(f"Junction cannot be reached: {reason}", "see that the way to it is open")


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
