"""Who reads what a command prints."""

import os
import sys


def takes_colours() -> bool:
    """Whether it is a terminal that nobody has told otherwise (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
