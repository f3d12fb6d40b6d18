"""`wearable-link demo`: the whole flow, against a staging service that runs.

Each request is printed as curl would send it, with its answer.
"""

import argparse
import asyncio
import sys
from typing import Final

from entrypoints.commands.addresses import base_url
from entrypoints.commands.terminal import takes_colours
from entrypoints.signals import leaving_when_told

OTHERWISE: Final = 1
_INTERRUPTED: Final = 4


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="the whole flow against a staging service, printed",
        description=__doc__,
        epilog="Exit codes: 0 every answer was as expected; 1 one was not, or there was none; "
        "2 wrong usage; 4 interrupted.",
    )
    demo.add_argument(
        "--url",
        type=base_url,
        default="http://127.0.0.1:8000",
        help="of the service (%(default)s)",
    )
    demo.set_defaults(run=_demo)


@leaving_when_told(_INTERRUPTED)
def _demo(options: argparse.Namespace) -> None:
    from entrypoints.demo.conversation import Unexpected
    from entrypoints.demo.flow import link_a_wearable
    from entrypoints.demo.transcript import Transcript

    try:
        asyncio.run(link_a_wearable(options.url, Transcript(colours=takes_colours())))
    except Unexpected as error:
        sys.stdout.flush()
        print(error, file=sys.stderr)
        sys.exit(OTHERWISE)
