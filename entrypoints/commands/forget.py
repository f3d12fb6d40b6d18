"""`wearable-link forget`: nothing is on record of a patient any more."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING, Final

from domain.errors import InvalidToken, LinkingError
from domain.forgetting import Forgetting, UserUnknown
from domain.identifiers import PatientId, parse_patient_id
from domain.junction_errors import JunctionError
from entrypoints.commands.startup import opened, refuse, wired

if TYPE_CHECKING:
    from entrypoints.container import Container

UNKNOWN: Final = 5
FAILED: Final = 6

_UNKNOWN: Final = (
    "Junction knows no user of this patient's, though there is one on record: deleted before, or "
    "the API key is another team's. Nothing was removed here. If it is the right one, say --yes."
)
_DONE: Final = """\
Forgotten.
users gone at Junction     {at_junction}
users removed here         {junction_users}
connections removed here   {connections}
link tokens removed here   {link_tokens}
lines of history disguised {events}"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    forget = commands.add_parser(
        "forget",
        help="delete a patient at Junction and here",
        description=__doc__,
        epilog="Exit codes: 0 done; 2 wrong usage, settings or database; 5 stopped, as Junction "
        "knows no user of the patient's, which is how the key of another team looks; "
        "6 Junction or the database failed: repeat it.",
    )
    forget.add_argument("--patient", required=True, metavar="ID", help="as bearer tokens name it")
    forget.add_argument("--yes", action="store_true", help="though Junction knows no such user")
    forget.add_argument("--staging", action="store_true", help="of staging")
    forget.set_defaults(run=_forget)


def _forget(options: argparse.Namespace) -> None:
    try:
        patient_id = parse_patient_id(options.patient)
    except InvalidToken:
        refuse("--patient: nobody can be called that")
    container = wired(staging=options.staging)
    try:
        done = asyncio.run(_run(container, patient_id, accept_unknown=options.yes))
    except UserUnknown:
        print(_UNKNOWN, file=sys.stderr)
        sys.exit(UNKNOWN)
    except LinkingError as error:
        removed = "whether anything was removed is not known"
        if isinstance(error, JunctionError):
            removed = "nothing was removed here"
        print(f"{error.code}: {removed}; repeat it.", file=sys.stderr)
        sys.exit(FAILED)
    print(
        _DONE.format(
            at_junction=done.at_junction,
            connections=done.here.connections,
            link_tokens=done.here.link_tokens,
            junction_users=done.here.junction_users,
            events=done.here.events,
        )
    )


async def _run(
    container: "Container", patient_id: PatientId, *, accept_unknown: bool
) -> Forgetting:
    async with opened(container):
        return await container.forgetting().forget(patient_id, accept_unknown=accept_unknown)
