"""Junction's environments: which key goes to which host.

Beware: `sk_` is the sandbox and `pk_` production (Junction docs, api-details/junction-api).
"""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

# Today's host first; the old ones still answer.
_HOSTS: Final = {
    "pk_us_": ("api.us.junction.com", "api.tryvital.io"),
    "pk_eu_": ("api.eu.junction.com", "api.eu.tryvital.io"),
    "sk_us_": ("api.sandbox.us.junction.com", "api.sandbox.tryvital.io"),
    "sk_eu_": ("api.sandbox.eu.junction.com", "api.sandbox.eu.tryvital.io"),
}


def base_url_for(key: str) -> str | None:
    """Where a key belongs, or None if it is no team key."""
    hosts = _hosts_of(key)
    return f"https://{hosts[0]}" if hosts else None


def problem_with(url: str, key: str) -> str | None:
    """Why `key` must not be sent to `url`, in words for an operator; None if it may be."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "not a URL"
    if _is_loopback(host):
        return None if parts.scheme in {"http", "https"} else "not a URL"
    if parts.scheme != "https":
        return "expected https://"
    if host in _hosts_of(key):
        return None
    expected = (
        " or ".join(_hosts_of(key)) or "a key that begins with pk_us_, pk_eu_, sk_us_, sk_eu_"
    )
    return f"does not go with this key; expected {expected}"


def _hosts_of(key: str) -> tuple[str, ...]:
    return next((hosts for prefix, hosts in _HOSTS.items() if key.startswith(prefix)), ())


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
