"""Junction's environments: which key goes to which host.

Beware: `sk_` is the sandbox and `pk_` production (Junction docs, api-details/junction-api).
"""

import re
from ipaddress import ip_address
from typing import Final

# Today's host first; the old ones still answer.
_HOSTS: Final = {
    "pk_us_": ("api.us.junction.com", "api.tryvital.io"),
    "pk_eu_": ("api.eu.junction.com", "api.eu.tryvital.io"),
    "sk_us_": ("api.sandbox.us.junction.com", "api.sandbox.tryvital.io"),
    "sk_eu_": ("api.sandbox.eu.junction.com", "api.sandbox.eu.tryvital.io"),
}

_LAST_PORT: Final = 65535

# Scheme, host and port and no more: with user, query or fragment two readers of the same URL may
# find different hosts, or send the key to another path.
_BASE_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(:(?P<port>[0-9]{1,5}))?/?"
)


def base_url_for(key: str) -> str | None:
    """Where a key belongs, or None if it is no team key."""
    hosts = _hosts_of(key)
    return f"https://{hosts[0]}" if hosts else None


def problem_with(url: str, key: str) -> str | None:
    """Why `key` must not be sent to `url`, in words for an operator; None if it may be."""
    parts = _BASE_URL.fullmatch(url)
    if parts is None or int(parts["port"] or 0) > _LAST_PORT:
        return "expected https://host, and nothing after it"
    scheme, host = parts["scheme"], parts["host"].lower()
    if is_loopback(host):
        return None
    if scheme != "https":
        return "expected https://"
    if host in _hosts_of(key):
        return None
    expected = (
        " or ".join(_hosts_of(key)) or "a key that begins with pk_us_, pk_eu_, sk_us_, sk_eu_"
    )
    return f"does not go with this key; expected {expected}"


def is_sandbox(key: str) -> bool:
    """Whether nobody's real wearable is behind it."""
    return key.startswith("sk_")


def is_of_old(url: str) -> bool:
    """Whether it names a host that Junction has replaced by another."""
    host = url.removeprefix("https://").partition("/")[0].partition(":")[0].lower()
    return any(host in old for _, *old in _HOSTS.values())


def _hosts_of(key: str) -> tuple[str, ...]:
    return next((hosts for prefix, hosts in _HOSTS.items() if key.startswith(prefix)), ())


def is_loopback(host: str) -> bool:
    """Whether `host`, as a URL has it, is this machine."""
    try:
        return host.lower() == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
