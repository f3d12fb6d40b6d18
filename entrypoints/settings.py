"""What the environment says, checked whole before anything starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from domain.secret import Secret
from entrypoints.database_settings import DatabaseSettings, database_settings
from entrypoints.environment import Environment
from entrypoints.identity_settings import IdentitySettings, identity_settings
from entrypoints.junction_hosts import base_url_for, problem_with
from entrypoints.origins import allowed_origins
from entrypoints.tracing_settings import Traces, traces
from entrypoints.webhook_settings import STAGING_SECRET, webhook_secrets

_DEFAULT_SECONDS: Final = 5.0
_DEFAULT_GRACE: Final = 10.0
_DEFAULT_IN_FLIGHT: Final = 512
_A_WEEK: Final = 7 * 24 * 3600
_SIMULATOR_KEY: Final = "sk_us_simulator"
_SENDABLE: Final = re.compile(r"[!-~]+")


SIMULATOR_PATH: Final = "/junction"
"""Where a Junction simulated in this process is mounted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`public_url` is where a browser finds this server; only staging's Link page needs it.

    `trusts_caller`: who presents a link token that was minted elsewhere owns it.
    `worker`: the number of this process, where there are several.
    `junction_webhook_secrets`: all of them are live; none where webhooks are not set up.
    """

    staging: bool
    public_url: str
    database: DatabaseSettings
    identity: IdentitySettings
    trusts_caller: bool
    junction_base_url: str | None
    junction_api_key: Secret
    junction_deadline_seconds: float
    storage_deadline_seconds: float
    junction_webhook_secrets: tuple[Secret, ...] = ()
    cors_allowed_origins: tuple[str, ...] = ()
    max_in_flight: int = _DEFAULT_IN_FLIGHT
    shutdown_grace_seconds: float = _DEFAULT_GRACE
    reconcile_seconds: float | None = None
    worker: int | None = None
    traces: Traces = "off"

    @property
    def junction(self) -> Literal["http", "in_memory"]:
        return "in_memory" if self.junction_base_url is None else "http"

    @property
    def link_page(self) -> str:
        """Where a browser opens the Link page of the Junction simulated in this process."""
        return f"{self.public_url}{SIMULATOR_PATH}/link"

    @property
    def webhook_deadline_seconds(self) -> float:
        """For what a webhook asks of Junction; its sender waits 15 seconds for all of it."""
        return min(self.junction_deadline_seconds, _DEFAULT_SECONDS)

    @property
    def webhooks_url(self) -> str:
        """Where the Junction simulated in this process sends its webhooks: to this server."""
        return f"{self.public_url}/webhooks/junction-link"

    @property
    def webhook_secret(self) -> Secret:
        """What that Junction signs with."""
        return next(iter(self.junction_webhook_secrets), Secret(STAGING_SECRET))


def load_settings(environ: Mapping[str, str], *, staging: bool, public_url: str) -> Settings:
    """Read every setting, with its default.

    Raises:
        SettingsError: at least one is missing or wrong; it lists them all.

    """
    env = Environment(environ)
    settings = read_settings(env, staging=staging, public_url=public_url)
    env.raise_problems()
    return settings


def read_settings(env: Environment, *, staging: bool, public_url: str) -> Settings:
    """The same, for who looks at what is wrong: a setting that `env` objects to has some value."""
    base_url, key = _junction(env, staging=staging)
    return Settings(
        staging=staging,
        public_url=public_url,
        database=database_settings(env, staging=staging),
        identity=identity_settings(env, staging=staging),
        trusts_caller=env.choice("LINK_TOKENS", "ledger", "caller") == "caller",
        junction_base_url=base_url,
        junction_api_key=Secret(key),
        junction_deadline_seconds=env.seconds("JUNCTION_DEADLINE_SECONDS", _DEFAULT_SECONDS),
        junction_webhook_secrets=webhook_secrets(env, staging=staging),
        storage_deadline_seconds=env.seconds("STORAGE_DEADLINE_SECONDS", _DEFAULT_SECONDS),
        cors_allowed_origins=allowed_origins(env),
        max_in_flight=env.count("MAX_IN_FLIGHT", _DEFAULT_IN_FLIGHT, least=1, most=1_000_000),
        shutdown_grace_seconds=env.seconds("SHUTDOWN_GRACE_SECONDS", _DEFAULT_GRACE),
        reconcile_seconds=env.seconds("RECONCILE_SECONDS", None, least=1, most=_A_WEEK),
        traces=traces(env),
    )


def _junction(env: Environment, *, staging: bool) -> tuple[str | None, str]:
    """Base URL and key; no URL means the Junction simulated in this process."""
    key = env.text("JUNCTION_API_KEY", "")
    url = env.text("JUNCTION_BASE_URL", "")
    if staging and key.startswith("pk_"):
        env.object_to("JUNCTION_API_KEY", "a production key (pk_) has no place in staging")
    if staging and not url and not key:
        return None, ""
    if staging and not key:
        key = _SIMULATOR_KEY
    if not key:
        env.object_to("JUNCTION_API_KEY", "missing")
        return url, key
    url = url or base_url_for(key) or ""
    if not url or not _SENDABLE.fullmatch(key):
        env.object_to("JUNCTION_API_KEY", "expected pk_us_..., pk_eu_..., sk_us_... or sk_eu_...")
        return url, key
    if problem := problem_with(url, key):
        env.object_to("JUNCTION_BASE_URL", problem)
    return url, key
