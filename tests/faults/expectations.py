"""What each fault comes to at each step.

By whose fault it is: unavailable if the upstream cannot be reached or says that it cannot, a
timeout if it says nothing, a bad response if what it says cannot be used.
"""

from dataclasses import replace
from typing import Final

from tests.faults.outcomes import Observation, Outcome
from tests.faults.steps import (
    CREATE,
    DELETE,
    DEREGISTER,
    DISCONNECT,
    FORGET,
    INTROSPECTION,
    MINT,
    PROVIDER_LIST,
    RECONCILE,
    RESOLVE,
    STEPS,
    WEBHOOK,
    Step,
)

UNAVAILABLE: Final = Outcome(status=502, error="junction_unavailable")
TIMEOUT: Final = Outcome(status=502, error="junction_timeout")
REJECTED: Final = Outcome(status=502, error="junction_rejected_credentials")
BAD_RESPONSE: Final = Outcome(status=502, error="junction_bad_response")
NO_IDENTITY: Final = Outcome(status=503, error="identity_unavailable", retry_after="1")

MINTED: Final = Outcome(status=201, stored="1 new in junction_users, 1 new in link_tokens")
MINTED_AGAIN: Final = Outcome(
    status=201, stored="1 new in link_tokens, 1 changed in junction_users"
)
LINKED: Final = Outcome(
    status=201,
    stored="1 new in connection_events, 1 new in connections, 1 changed in link_tokens",
)
LINKED_AGAIN: Final = Outcome(status=201)
"""The connection stands: it is answered as it is stored."""

USER_GONE: Final = Outcome(
    status=400, error="invalid_link_token", stored="1 new in connection_events"
)
"""The refusal is audited, and nothing else is written."""

HEARD: Final = Outcome(
    status=200,
    stored="1 new in connection_events, 1 new in webhook_deliveries, "
    "1 changed in connections, 1 changed in junction_users",
)
HEARD_AGAIN: Final = Outcome(status=200)
"""The message was heard before."""

ENDED: Final = Outcome(
    status=204,
    stored="1 new in connection_events, 1 changed in connections, 1 changed in junction_users",
)
STILL_CONNECTED: Final = Outcome(status=409, error="still_connected", stored=ENDED.stored)
"""Junction has no such connection, it says, and lists it: the wish is on record all the same."""

FOUND: Final = Outcome(status="exit 0", stored=ENDED.stored)
FOUND_AGAIN: Final = Outcome(
    status="exit 0", stored="1 changed in connections, 1 changed in junction_users"
)
"""It was looked at, and that is all."""

FORGOTTEN: Final = Outcome(
    status="exit 0",
    stored="1 changed in connection_events, 1 gone from connections, "
    "1 gone from junction_users, 1 gone from link_tokens",
)
FORGOTTEN_AGAIN: Final = Outcome(status="exit 0")

Row = dict[Step, Outcome]


def _limited(retry_after: str) -> Outcome:
    return Outcome(status=502, error="junction_rate_limited", retry_after=retry_after)


def _fails(outcome: Outcome, exceptions: Row | None = None) -> Row:
    """The same at each of Junction's steps, but for the exceptions; nobody is let in unknown.

    Reconciling goes on with the others.
    """
    failed = Outcome(status="exit 6", error=outcome.error)
    unanswered = replace(failed, error="unanswered")
    commands = {RECONCILE: unanswered, FORGET: failed, DELETE: failed}
    others = {INTROSPECTION: NO_IDENTITY} | commands
    return dict.fromkeys(STEPS, outcome) | others | (exceptions or {})


_WORKS_AFTERWARDS: Final[Row] = {
    WEBHOOK: HEARD,
    DEREGISTER: ENDED,
    DISCONNECT: ENDED,
    RECONCILE: FOUND,
    FORGET: FORGOTTEN,
    DELETE: FORGOTTEN,
}
_WORKS: Final[Row] = dict.fromkeys(STEPS, MINTED) | {PROVIDER_LIST: LINKED} | _WORKS_AFTERWARDS

# That there is no such user, none left, or nothing to end: what was wanted, where it was that.
_NOT_FOUND: Final = _fails(
    BAD_RESPONSE,
    {RESOLVE: MINTED, PROVIDER_LIST: USER_GONE}
    | _WORKS_AFTERWARDS
    | {DEREGISTER: STILL_CONNECTED},
)
_NO_SUCH_SLUG: Final = _fails(BAD_RESPONSE, {DEREGISTER: STILL_CONNECTED})

EXPECTED: Final[dict[str, Row]] = {
    "none": _WORKS,
    "refused connection": _fails(UNAVAILABLE),
    "hang at connect": _fails(TIMEOUT),
    "DNS failure": _fails(UNAVAILABLE),
    "TLS: the port speaks plain HTTP": _fails(UNAVAILABLE),
    "TLS: self-signed certificate": _fails(UNAVAILABLE),
    "reset before the request": _fails(UNAVAILABLE),
    "reset after the request": _fails(UNAVAILABLE),
    "504 after the request": _fails(UNAVAILABLE),
    "hang, the request not passed on": _fails(TIMEOUT),
    "hang at the header": _fails(TIMEOUT),
    "hang at the body": _fails(TIMEOUT),
    "cut in the body": _fails(UNAVAILABLE),
    "drip": _fails(TIMEOUT),
    "garbage": _fails(BAD_RESPONSE),
    "200 with HTML": _fails(BAD_RESPONSE),
    "wrong content type": _WORKS,
    "body too large": _fails(BAD_RESPONSE),
    "gzip nobody asked for": _fails(BAD_RESPONSE),
    "307 to another host": _fails(BAD_RESPONSE),
    "401": _fails(REJECTED),
    "403": _fails(REJECTED),
    "404": _NOT_FOUND,
    "409": _fails(BAD_RESPONSE),
    "422, a string": _NO_SUCH_SLUG,
    "422, a list": _NO_SUCH_SLUG,
    "422, an object": _NO_SUCH_SLUG,
    "429": _fails(_limited("1")),
    "429, Retry-After: 7": _fails(_limited("7")),
    "500": _fails(UNAVAILABLE),
    "502": _fails(UNAVAILABLE),
    "503": _fails(UNAVAILABLE),
    "503, Retry-After: 7": _fails(
        Outcome(status=502, error="junction_unavailable", retry_after="7")
    ),
}

# Junction did what it was asked to, and was not heard.
DELIVERED: Final = {
    "reset after the request",
    "hang at the header",
    "hang at the body",
    "cut in the body",
    "body too large",
    "gzip nobody asked for",
    "504 after the request",
}


def expected(fault: str, step: Step) -> Observation:
    outcome = EXPECTED[fault][step]
    return Observation(
        at_fault=outcome, left=_left(fault, step, outcome), repeat=_repeat(fault, step, outcome)
    )


def _left(fault: str, step: Step, outcome: Outcome) -> str:
    """What has happened there through a request that met this."""
    if step in {PROVIDER_LIST, WEBHOOK, RECONCILE}:
        return "nothing"
    if step in {DEREGISTER, DISCONNECT, FORGET, DELETE}:
        return _ended(fault, step, outcome)
    if outcome.status == 201:
        return "a token" if step is RESOLVE else "a user, a token"
    acted = fault in DELIVERED
    if step is CREATE:
        return "a user" if acted else "nothing"
    if step is MINT:
        return "a user, a token" if acted else "a user"
    return "nothing"


def _ended(fault: str, step: Step, outcome: Outcome) -> str:
    if step is DISCONNECT:  # it was ended before
        return "the end"
    acted = fault in DELIVERED and step is not FORGET
    withheld = fault == "404" and step is not FORGET
    worked = outcome in {ENDED, FORGOTTEN} and not withheld
    return "the end" if acted or worked else "nothing"


def _repeat(fault: str, step: Step, first: Outcome) -> Outcome:
    """It works; what is there already is not made again."""
    again = first.status in {200, 201, 204, "exit 0"}
    if step in {DEREGISTER, DISCONNECT}:
        return ENDED  # each wish is written down
    if step is RECONCILE:
        return FOUND_AGAIN if again and fault != "404" else FOUND
    if step in {FORGET, DELETE}:
        return FORGOTTEN_AGAIN if again else FORGOTTEN
    if step is WEBHOOK:
        return HEARD_AGAIN if again else HEARD
    if step is PROVIDER_LIST:
        return LINKED_AGAIN if again else LINKED
    return MINTED_AGAIN if again else MINTED
