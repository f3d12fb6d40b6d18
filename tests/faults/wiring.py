"""The container as in production, with every upstream behind its proxy."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from dependency_injector import providers

from entrypoints.container import Container, create_container
from entrypoints.settings import Settings, load_settings
from entrypoints.webhook_settings import STAGING_SECRET
from tests.authority import CLIENT_ID, CLIENT_SECRET
from tests.faults.names import HOST
from tests.faults.proxy import FaultProxy
from tests.faults.steps import Upstream


def wired(
    database: Path,
    proxies: Mapping[Upstream, FaultProxy],
    *,
    looked_up: Upstream | None,
    deadlines: Mapping[Upstream, float],
) -> Container:
    """The one that is `looked_up` has a name; a deadline is for each question, in seconds."""
    environ = {
        "DATABASE_URL": f"sqlite:///{database}",
        "IDENTITY": "introspection",
        "INTROSPECTION_URL": f"{proxies['authority'].url}/introspect",
        "INTROSPECTION_CLIENT_ID": CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": CLIENT_SECRET,
        "JUNCTION_API_KEY": "sk_us_made_up",
        "JUNCTION_BASE_URL": proxies["junction"].url,
        "JUNCTION_DEADLINE_SECONDS": str(deadlines["junction"]),
        "JUNCTION_WEBHOOK_SECRETS": STAGING_SECRET,
    }
    settings = load_settings(environ, staging=False, public_url="")
    container = create_container(_at_a_name(settings, looked_up))
    identity = container.introspection_identity
    assert isinstance(identity, providers.Singleton)
    identity.add_kwargs(deadline=deadlines["authority"])  # it is no setting
    return container


def _at_a_name(settings: Settings, upstream: Upstream | None) -> Settings:
    """No setting may name such a host, so it is put in afterwards."""
    match upstream:
        case "junction":
            url = _named(settings.junction_base_url or "")
            return replace(settings, junction_base_url=url)
        case "authority":
            url = _named(settings.identity.introspection_url)
            return replace(settings, identity=replace(settings.identity, introspection_url=url))
        case None:
            return settings


def _named(url: str) -> str:
    return url.replace("127.0.0.1", HOST)
