"""The rules of looking again at what nobody spoke of for long, said once more."""

from datetime import datetime, timedelta
from typing import Final

from tests.model.choice import Refused
from tests.model.known import Told
from tests.model.rules import AtJunction, World
from tests.model.trouble import Trouble
from tests.model.upkeep_rules import Answered, ask, note

PENDING_FIRST: Final = ("pending", "connected", "error", "disconnected")
RATE_LIMIT: Final = timedelta(seconds=1)  # that Junction asks to wait


def reconcile(
    world: World, older_than: timedelta, at: AtJunction, trouble: Trouble, *, dry_run: bool
) -> Told:
    """Each patient is asked about once, when the first of their stale rows has its turn."""
    done: Told = {"ending": "done", "users": 0, "unanswered": 0, "changed": 0}
    met: set[str] = set()
    cutoff = world.now - older_than
    for status in PENDING_FIRST:
        answers = {}
        for patient in _stale(world, status, cutoff):
            if patient in met:
                continue
            met.add(patient)
            answers[patient] = _ask(world, patient, at, trouble, is_first=len(met) == 1)
        if trouble is Trouble.REJECTED_CREDENTIALS and None in answers.values():
            return {**done, "ending": trouble}
        as_it_will_be = world.copy()
        for patient, answered in answers.items():
            done["users" if answered else "unanswered"] += 1
            if answered:
                _note(as_it_will_be, patient, answered, Trouble.NONE)
        done["changed"] += _changes(world, as_it_will_be)
        if dry_run or not any(answers.values()):
            continue
        if trouble is not Trouble.WRITE_REFUSED:
            world.connections, world.looked = as_it_will_be.connections, as_it_will_be.looked
        if trouble in {Trouble.WRITE_REFUSED, Trouble.ANSWER_LOST}:
            return {**done, "ending": "storage_unavailable"}
    return done


def _stale(world: World, status: str, cutoff: datetime) -> list[str]:
    """Whose rows they are, the stalest first; of equal ones the one that was opened first."""
    rows = [
        (row.seen[0], place, patient)
        for place, ((patient, _), row) in enumerate(world.connections.items())
        if row.status == status and row.seen[0] < cutoff
    ]
    return [patient for _, _, patient in sorted(rows)]


def _ask(
    world: World, patient: str, at: AtJunction, trouble: Trouble, *, is_first: bool
) -> Answered | None:
    """One answer that does not come is no reason not to ask about the others."""
    of_this_one = trouble if is_first or trouble is Trouble.GIVES_OUT else Trouble.NONE
    if trouble is Trouble.RATE_LIMITED and not is_first and world.asked == 1:
        world.now += RATE_LIMIT
    try:
        return ask(world, world.users_of(patient)[0], at, of_this_one)
    except Refused:
        return None


def _note(world: World, patient: str, answered: Answered, trouble: Trouble) -> None:
    note(world, world.users_of(patient)[0], patient, trouble, answered=answered)


def _changes(before: World, after: World) -> int:
    """Rows that are new, or whose status is another."""
    was = {key: row.status for key, row in before.connections.items()}
    return sum(was.get(key) != row.status for key, row in after.connections.items())
