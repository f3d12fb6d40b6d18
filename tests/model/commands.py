"""What an operator has the service do; the answer is what would be printed, and status 0."""

import math
from datetime import timedelta

import msgspec

from domain.errors import LinkingError
from domain.identifiers import PatientId
from domain.reconciling import Plan
from entrypoints.container import Container
from entrypoints.http.errors import status_of
from entrypoints.reconciliation import Reconciliation
from tests.asgi import Answer


async def reconcile(container: Container, older_than: timedelta, *, dry_run: bool) -> Answer:
    plan = Plan(older_than=older_than, rate=math.inf, dry_run=dry_run)
    run = Reconciliation(service=container.reconciling(), plan=plan)
    async for _ in run.run():
        pass
    drift = run.drift
    return _answer(
        0,
        ending=run.ending,
        users=drift.users,
        unanswered=drift.unanswered,
        changed=drift.changed + drift.opened,
    )


async def forget(container: Container, patient: str) -> Answer:
    try:
        done = await container.forgetting().forget(PatientId(patient), accept_unknown=True)
    except LinkingError as error:
        return _answer(status_of(type(error)), error=error.code, message=str(error))
    return _answer(
        0,
        connections=done.here.connections,  # of link tokens there may be more than anyone knows
        junction_users=done.here.junction_users,
    )


def _answer(status: int, **said: object) -> Answer:
    return Answer(status=status, headers={}, body=msgspec.json.encode(said))
