"""Origins of web pages, as a browser's `Origin` header spells them."""

import re
from typing import Final

from entrypoints.environment import Environment
from entrypoints.junction_hosts import is_loopback

# Scheme, host, port: in small letters and without the scheme's own port (HTML standard, 7.1.1,
# serialisation of an origin). Also those of hybrid apps, like capacitor://localhost.
_ORIGIN: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[a-z0-9.-]+|\[[0-9a-f:]+\])(:[1-9][0-9]{0,4})?"
)
_OWN_PORT: Final = re.compile(r"https://.*:443|http://.*:80")


def allowed_origins(env: Environment) -> tuple[str, ...]:
    """The pages that a browser may let talk to this API; neither `*` nor `null` is one.

    What travels is a patient's, so a page that came over the network in the clear is none either.
    """
    text = env.text("CORS_ALLOWED_ORIGINS", "")
    origins = tuple(origin.strip() for origin in text.split(",") if origin.strip())
    if not all(map(_may_be_let_in, origins)):
        env.object_to("CORS_ALLOWED_ORIGINS", "expected https://app.example, or several by comma")
    return origins


def _may_be_let_in(origin: str) -> bool:
    parts = _ORIGIN.fullmatch(origin)
    if parts is None or _OWN_PORT.fullmatch(origin):
        return False
    return parts["scheme"] != "http" or is_loopback(parts["host"])
