"""Addresses of a running service, as a command is given them."""

import argparse
import re
from typing import Final

_BASE: Final = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?/?")


def base_url(text: str) -> str:
    """Scheme, host and port and no more, without a slash at the end."""
    if not _BASE.fullmatch(text):
        raise argparse.ArgumentTypeError("expected http://host:port")
    return text.rstrip("/")
