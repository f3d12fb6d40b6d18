"""`wearable-link doctor`: is it set up right? Whatever it looks at stays as it is."""

import argparse
import asyncio
import os
import sys
from typing import TYPE_CHECKING, Final

from entrypoints.commands.addresses import base_url
from entrypoints.commands.terminal import takes_colours
from entrypoints.environment import Environment
from entrypoints.settings import read_settings
from entrypoints.signals import leaving_when_told

if TYPE_CHECKING:
    from entrypoints.doctor.checkup import Checked

RED: Final = 1
_INTERRUPTED: Final = 4


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser(
        "doctor",
        help="is it set up right?",
        description=__doc__,
        epilog="Exit codes: 0 all green or yellow; 1 something is red; 2 wrong usage; "
        "4 interrupted.",
    )
    doctor.add_argument("--staging", action="store_true", help="of staging")
    doctor.add_argument("--json", action="store_true", help="the findings as one JSON object")
    doctor.add_argument(
        "--url",
        type=base_url,
        metavar="URL",
        help="a service that runs; it is sent a signed webhook that has no effect",
    )
    doctor.set_defaults(run=_doctor)


@leaving_when_told(_INTERRUPTED)
def _doctor(options: argparse.Namespace) -> None:
    from entrypoints import log

    log.configure()
    log.take_warnings()
    sys.exit(asyncio.run(_run(options)))


async def _run(options: argparse.Namespace) -> int:
    """The exit code, once all is said."""
    from entrypoints.commands.doctor_report import as_json, as_lines, overall
    from entrypoints.doctor.finding import State

    checked = await _checked(staging=options.staging, url=options.url)
    print(as_json(checked) if options.json else as_lines(checked, colours=takes_colours()))
    code = RED if overall(checked) is State.RED else 0
    if any(each.unfinished for each in checked):
        # A thread that hangs, in a file system or a resolver, would be waited for.
        sys.stdout.flush()
        os._exit(code)
    return code


async def _checked(*, staging: bool, url: str | None) -> "list[Checked]":
    from entrypoints.container import create_container
    from entrypoints.doctor.checkup import checkup
    from entrypoints.doctor.examined import examined

    env = Environment(os.environ)
    settings = read_settings(env, staging=staging, public_url="")
    return await checkup(examined(settings, env.problems, create_container(settings), url))
