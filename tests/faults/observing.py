"""One cell of the matrix, played: a request that meets a fault, and the same request after it."""

import asyncio
from typing import Final

from tests.asgi import Answer
from tests.canary import Canary
from tests.faults.asking import outcome_of, prepare
from tests.faults.database import Rows, rows_in
from tests.faults.outcomes import Observation
from tests.faults.stage import Props, staged
from tests.faults.steps import Step

_MADE: Final = {"UserCreated": "a user", "TokenMinted": "a token"}


async def observe(props: Props, canary: Canary, fault: str, step: Step) -> Observation:
    async with staged(props, fault, step) as stage:
        request = await prepare(stage, canary, step)
        before, events = rows_in(props.database), len(stage.events)
        await stage.fail(fault, step)
        answer = await request.send()
        failed = await _settled(props, answer, before)
        await stage.mend()
        left = {_MADE[event] for event in stage.events[events:]}
        repeated = await request.send()
    canary.check()
    return Observation(
        at_fault=outcome_of(answer, before, failed),
        left=", ".join(sorted(left, reverse=True)) or "nothing",
        repeat=outcome_of(repeated, failed, rows_in(props.database)),
        users=stage.events.count("UserCreated"),
        strangers=stage.strangers,
    )


async def _settled(props: Props, answer: Answer, before: Rows) -> Rows:
    """The rows; a refusal is audited after its answer."""
    async with asyncio.timeout(10):
        while answer.status == 400 and rows_in(props.database) == before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return rows_in(props.database)
