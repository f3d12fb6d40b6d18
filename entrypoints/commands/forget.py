"""`wearable-link forget`: nothing is on record of a patient any more."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING, Final

from domain.errors import InvalidToken, LinkingError
from domain.identifiers import PatientId, parse_patient_id
from domain.retention import Forgotten
from entrypoints.commands.startup import opened, refuse, wired

if TYPE_CHECKING:
    from entrypoints.container import Container

FAILED: Final = 6

_DONE: Final = """\
Forgotten, at Junction and here.
connections removed      {connections}
link tokens removed      {link_tokens}
Junction users deleted   {junction_users}
history pseudonymised    {events} lines"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    forget = commands.add_parser(
        "forget",
        help="delete a patient at Junction and here",
        description=__doc__,
        epilog="Exit codes: 0 done; 2 wrong usage, settings or database; "
        "6 Junction or the database failed: repeat it.",
    )
    forget.add_argument("--patient", required=True, metavar="ID", help="as bearer tokens name it")
    forget.add_argument("--staging", action="store_true", help="of staging")
    forget.set_defaults(run=_forget)


def _forget(options: argparse.Namespace) -> None:
    try:
        patient_id = parse_patient_id(options.patient)
    except InvalidToken:
        refuse("--patient: nobody can be called that")
    container = wired(staging=options.staging)
    try:
        forgotten = asyncio.run(_run(container, patient_id))
    except LinkingError as error:
        print(f"{error.code}: nothing was removed here; repeat it.", file=sys.stderr)
        sys.exit(FAILED)
    print(
        _DONE.format(
            connections=forgotten.connections,
            link_tokens=forgotten.link_tokens,
            junction_users=forgotten.junction_users,
            events=forgotten.events,
        )
    )


async def _run(container: "Container", patient_id: PatientId) -> Forgotten:
    async with opened(container):
        return await container.forgetting().forget(patient_id)
