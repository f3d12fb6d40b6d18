"""Removing rows for good, in the transaction of a batch."""

from adapters.persistence.engine import Transaction
from adapters.persistence.rows import microseconds
from adapters.persistence.statements import Statements
from domain.moment import Moment
from domain.retention import MESSAGES_KEPT, TOKENS_KEPT, Forget, Forgotten, Sweep

Removal = Forget | Sweep


async def remove(
    transaction: Transaction, sql: Statements, removal: Removal, moment: Moment
) -> Forgotten | int:
    """What was removed: see `Retention`."""
    match removal:
        case Forget():
            return await _forget(transaction, sql, removal)
        case Sweep():
            return await _sweep(transaction, sql, removal, moment)


async def _forget(transaction: Transaction, sql: Statements, forget: Forget) -> Forgotten:
    fetch, whose = transaction.fetch, forget.patient_id
    return Forgotten(
        junction_users=len(await fetch(sql.forget_users, whose)),
        link_tokens=len(await fetch(sql.forget_tokens, whose)),
        connections=len(await fetch(sql.forget_connections, whose)),
        events=len(await fetch(sql.forget_in_events, forget.pseudonym, whose)),
    )


async def _sweep(transaction: Transaction, sql: Statements, sweep: Sweep, moment: Moment) -> int:
    removed = 0
    for statement, kept in ((sql.sweep_tokens, TOKENS_KEPT), (sql.sweep_messages, MESSAGES_KEPT)):
        too_old = str(microseconds(moment.now - kept))
        removed += len(await transaction.fetch(statement, too_old, str(sweep.limit)))
    return removed
