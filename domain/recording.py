"""What a report does to the records, whatever they are kept in.

An adapter reads the rows that a report touches, lets `record` decide, and stores the result, all
in one transaction.
"""

from dataclasses import dataclass, replace

from domain.changes import event_about, visible
from domain.connection import Connection
from domain.errors import InvalidLinkToken
from domain.facts import Facts
from domain.history import Cause, ConnectionEvent, NewId
from domain.identifiers import JunctionUserId, PatientId, RequestId
from domain.ledger import JunctionUserOnRecord, LedgerEntry
from domain.link_token import TokenDigest
from domain.moment import Moment
from domain.opening import opened
from domain.provider import Listing, ProviderName


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one writer learned of one provider of a patient.

    `asked` is the monotonic time, in seconds, just before Junction was asked. A report that
    exchanges a token names it, so that the token is bound in the same breath.
    """

    patient_id: PatientId
    provider: ProviderName
    junction_user_id: JunctionUserId
    listing: Listing | None
    asked: float
    token: TokenDigest
    cause: Cause
    request_id: RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """The rows that a report touches, as they are: each may be missing."""

    entry: LedgerEntry | None
    current_user: JunctionUserOnRecord | None
    connection: Connection | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What to store: the connection, the token's entry, and an event if anything changed."""

    connection: Connection
    entry: LedgerEntry
    event: ConnectionEvent | None


def record(report: Report, on_record: OnRecord, moment: Moment, new_id: NewId) -> Recorded:
    """Join a report to the stored row and bind its token.

    Raises:
        InvalidLinkToken: the token is not in the ledger, or its Junction user is no longer the
            patient's current one: what Junction says of any other changes nothing.
        ProviderMismatch: the token was exchanged for another provider first.

    """
    entry, stored = on_record.entry, on_record.connection
    if entry is None or entry.patient_id != report.patient_id:
        raise InvalidLinkToken
    user = on_record.current_user
    if user is None or report.junction_user_id != user.id:
        raise InvalidLinkToken
    bound = entry.bind(report.provider)
    facts = _facts(report, entry, moment)
    connection = (
        opened(user, report.provider, facts, new_id())
        if stored is None
        else stored.learn(facts, junction_user_id=report.junction_user_id)
    )
    event = None
    if entry != bound or visible(stored) != visible(connection):
        event = event_about(
            connection, report.cause, report.request_id, at=moment.now, new_id=new_id()
        )
    return Recorded(connection=connection, entry=bound, event=event)


def _facts(report: Report, entry: LedgerEntry, moment: Moment) -> Facts:
    observed = Facts.observed(
        report.listing, asked_at=moment.at(report.asked), heard_at=moment.now
    )
    return replace(observed, sought_at=entry.minted_at)
