"""One cell of the matrix, played: a request that meets a fault, and the same request after it."""

import asyncio
from dataclasses import replace
from typing import Final

from tests.canary import Canary
from tests.faults.asking import prepare
from tests.faults.database import Rows, difference, rows_in
from tests.faults.outcomes import Observation, Outcome
from tests.faults.stage import Props, staged
from tests.faults.steps import Step

_DONE: Final = {
    "UserCreated": "a user",
    "TokenMinted": "a token",
    "ProviderUnlisted": "the end",
    "UserDeleted": "the end",
}


async def observe(props: Props, canary: Canary, fault: str, step: Step) -> Observation:
    async with staged(props, fault, step) as stage:
        request = await prepare(stage, canary, step)
        before, events = rows_in(props.database), len(stage.events)
        await stage.fail(fault, step)
        answer = await request.send()
        failed = await _settled(props, answer, before)
        await stage.mend()
        left = {_DONE[event] for event in stage.events[events:]}
        repeated = await request.send()
    canary.check()
    return Observation(
        at_fault=with_rows(answer, before, failed),
        left=", ".join(sorted(left, reverse=True)) or "nothing",
        repeat=with_rows(repeated, failed, rows_in(props.database)),
        users=stage.events.count("UserCreated"),
        strangers=stage.strangers,
    )


def with_rows(outcome: Outcome, before: Rows, after: Rows) -> Outcome:
    return replace(outcome, stored=difference(before, after))


async def _settled(props: Props, answer: Outcome, before: Rows) -> Rows:
    """The rows; a refusal is audited after its answer."""
    async with asyncio.timeout(10):
        while answer.status == 400 and rows_in(props.database) == before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return rows_in(props.database)
