"""What clients do between two kills: prove what was promised, then link wearables."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from domain.provider import Provider
from tests.crash.clients import Clients, Gone, at_once
from tests.crash.journal import Asked, Fault, Finding
from tests.crash.plan import Deal, Manner

_TRIES: Final = 5


async def work(clients: Clients, deals: Iterator[Deal]) -> None:
    """Deal after deal, until the service is gone."""
    with suppress(Gone):
        for deal in deals:
            await _carry_out(clients, deal)


async def prove(clients: Clients, tokens: Iterable[str]) -> None:
    """Repeat what was not answered until it is, and exchange `tokens` again.

    Raises Gone.
    """
    clients.journal.counted["repeated"] += len(clients.journal.unanswered)
    await _repeat(clients)
    await at_once(*(_exchange_once_more(clients, token) for token in tokens))
    await _repeat(clients)


async def _repeat(clients: Clients) -> None:
    """What may be tried again is, so many times; it has to succeed."""
    for _ in range(_TRIES):
        await at_once(*map(clients.ask, clients.journal.take_unanswered()))
    for asked in clients.journal.take_unanswered():
        finding = Finding(Fault.REFUSED, f"{asked.named}, {_TRIES} times")
        clients.journal.findings.append(finding)


async def _exchange_once_more(clients: Clients, token: str) -> None:
    """Once more as it was the first time, but without the provider; for the first time at last."""
    mint = clients.journal.mints[token]
    await clients.junction.link(mint.patient, mint.intended)
    await clients.ask(
        Asked(patient=mint.patient, provider=None, intended=mint.intended, token=token)
    )
    clients.journal.unproven.discard(token)
    clients.journal.counted["replays"] += 1


async def _carry_out(clients: Clients, deal: Deal) -> None:
    token = await _mint(clients, deal)
    other = await _mint(clients, deal) if deal.manner is Manner.TWO_TOKENS else None
    if token is None:
        return
    await clients.junction.link(deal.patient, deal.provider, token)
    named = deal.provider if deal.is_named else None
    match deal.manner:
        case Manner.ONCE:
            await _exchange(clients, deal, token, named)
        case Manner.AGAIN:
            await _exchange(clients, deal, token, named)
            await _exchange(clients, deal, token, named)
        case Manner.AT_ONCE:
            # A token minted for no one provider, and no name: that is another question.
            other_name = None if deal.is_minted_for_it else named
            names = (named, other_name)
            await at_once(*(_exchange(clients, deal, token, name) for name in names))
        case Manner.TWO_TOKENS:
            both = (
                _exchange(clients, deal, each, deal.provider) for each in (token, other) if each
            )
            await at_once(*both)
        case Manner.RIVALS:
            await clients.junction.link(deal.patient, deal.rival)
            names = (deal.provider, deal.rival)
            await at_once(*(_exchange(clients, deal, token, name, rival=True) for name in names))


async def _mint(clients: Clients, deal: Deal) -> str | None:
    provider = deal.provider if deal.is_minted_for_it else None
    return await clients.ask(
        Asked(patient=deal.patient, provider=provider, intended=deal.provider)
    )


async def _exchange(
    clients: Clients, deal: Deal, token: str, named: Provider | None, *, rival: bool = False
) -> None:
    await clients.ask(
        Asked(
            patient=deal.patient,
            provider=named,
            intended=deal.provider,
            token=token,
            rival=rival,
        )
    )
