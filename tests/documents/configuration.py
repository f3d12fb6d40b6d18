"""The table of docs/configuration.md: every variable as it is read, with what it is for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from entrypoints.environment import Environment
from entrypoints.settings import read_settings

T = TypeVar("T")

_HEAD: Final = """\
| variable | default | with `--staging` | |
| --- | --- | --- | --- |
"""

MEANINGS: Final = {
    "IDENTITY": "who may say who is asking. `introspection`: the authority is asked about each "
    "token (RFC 7662). `jwt`: it has signed them (RFC 9068)",
    "INTROSPECTION_URL": "the authority's endpoint; `https://`, but on this machine. A revoked "
    "token is believed for 30 seconds at most",
    "INTROSPECTION_CLIENT_ID": "how the authority knows this service",
    "INTROSPECTION_CLIENT_SECRET": "and how it is sure of that",
    "JWT_ISSUER": "who signs: a token's `iss`, literally",
    "JWT_AUDIENCE": "for whom: one of a token's `aud`",
    "JWT_JWKS_URL": "where the public keys are; `https://`, but on this machine. Asymmetric ones "
    "only. A revoked token is believed until it expires, a withdrawn key for 15 minutes at most",
    "PATIENT_CLAIM": "what of the authority's answer, or of the token, is the patient. Choose one "
    "that is never given to another",
    "REQUIRED_SCOPE": "the scope a token must have; `manage:x` and `admin:*` satisfy a lower one",
    "JUNCTION_API_KEY": "a team key. Its prefix says which Junction: `pk_us_`, `pk_eu_` are "
    "production, `sk_us_`, `sk_eu_` the sandbox",
    "JUNCTION_BASE_URL": "Junction's address, where the key's prefix should not decide: one of "
    "Junction's own that fits the key, or any on this machine",
    "JUNCTION_DEADLINE_SECONDS": "for all that one request asks of Junction, repeats included",
    "JUNCTION_WEBHOOK_SECRETS": "what Junction's webhooks are signed with, `whsec_…`; several by "
    "comma while one is replaced. Until one is set, webhooks are answered 500",
    "LINK_TOKENS": "`caller` takes link tokens that were minted elsewhere "
    "([what that costs](concepts.md#link-tokens-that-were-minted-elsewhere))",
    "DATABASE_URL": "`sqlite:///path/to/file`, or `postgresql://user@host/database` with what "
    "libpq takes behind it; staging takes `memory:` too",
    "DATABASE_STATEMENT_CACHE_SIZE": "prepared statements kept by each connection to PostgreSQL; "
    "0 behind a pooler in transaction mode",
    "STORAGE_DEADLINE_SECONDS": "for what a request waits for storage",
    "MAX_IN_FLIGHT": "requests at once, in each process; the rest are answered 503 `overloaded`. "
    "Probes do not count",
    "SHUTDOWN_GRACE_SECONDS": "for requests in flight once the service is told to stop; give the "
    "process 15 s more before it is killed",
    "RECONCILE_SECONDS": "how often the service asks Junction about connections that nobody has "
    "spoken of for six hours; unset it never does",
    "CORS_ALLOWED_ORIGINS": "the web pages that may call this service from a browser, "
    "`https://app.example`; several by comma",
}
"""In the order of the page."""

# What is no default, and would be long or wrong to show as one.
_SAID_OTHERWISE: Final = {
    ("IDENTITY", True): "`staging`: anyone is the patient they say",
    ("JUNCTION_API_KEY", True): "none: Junction is simulated in the process",
    ("JUNCTION_WEBHOOK_SECRETS", True): "one that is published",
    ("JUNCTION_BASE_URL", False): "by the key's prefix",
    ("JUNCTION_BASE_URL", True): "by the key's prefix",
}


@dataclass(frozen=True)
class Variable:
    default: str
    expected: str = ""


class Recorder(Environment):
    """Remembers what was read, and what would have been taken."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__(environ)
        self.read: dict[str, Variable] = {}

    def text(self, name: str, default: str) -> str:
        self.read.setdefault(name, Variable(default))
        return super().text(name, default)

    def choice(self, name: str, *choices: str) -> str:
        expected = " or ".join(f"`{choice}`" for choice in choices)
        self.read[name] = Variable(choices[0], expected)
        return super().choice(name, *choices)

    def seconds(
        self, name: str, default: T, *, least: int | None = None, most: int = 3600
    ) -> float | T:
        at_least = "more than 0" if least is None else f"{least:,}"
        shown = "" if default is None else f"{default:g}"
        self.read[name] = Variable(shown, f"seconds, {at_least} to {most:,}")
        return super().seconds(name, default, least=least, most=most)

    def count(self, name: str, default: int, *, least: int, most: int) -> int:
        self.read[name] = Variable(str(default), f"{least:,} to {most:,}")
        return super().count(name, default, least=least, most=most)


def read_by_settings(*, staging: bool) -> tuple[dict[str, Variable], set[str]]:
    """Every variable that they read in any mode, and those that some mode is wrong without."""
    read: dict[str, Variable] = {}
    required: set[str] = set()
    for identity in ("", "introspection", "jwt"):
        env = Recorder({"IDENTITY": identity})
        read_settings(env, staging=staging, public_url="")
        read |= env.read
        required |= {problem.partition(":")[0] for problem in env.problems}
    return read, required


def render() -> str:
    return _HEAD + "\n".join(_rows())


def _rows() -> Iterator[str]:
    outside, staging = (read_by_settings(staging=staging) for staging in (False, True))
    for name, meaning in MEANINGS.items():
        expected = outside[0][name].expected
        means = f"{meaning}. {_capital(expected)}" if expected else meaning
        shown = [
            _default(name, *read, staging=staging)
            for read, staging in ((outside, False), (staging, True))
        ]
        cells = (f"`{name}`", *shown, means)
        yield f"| {' | '.join(cells)} |"


def _default(name: str, read: dict[str, Variable], required: set[str], *, staging: bool) -> str:
    if (name, staging) in _SAID_OTHERWISE:
        return _SAID_OTHERWISE[name, staging]
    if name in required:
        return "required"
    default = read[name].default
    return f"`{default}`" if default else "none"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
