"""Who says who is asking."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any, Final

from dependency_injector import providers

from entrypoints.wiring.foundation import Foundation
from entrypoints.wiring.late import late
from ports.identity import Identity

_settings: Final = Foundation.settings.provided


@late
def _introspection_session() -> Callable[..., AbstractAsyncContextManager[object]]:
    from adapters.identity.introspection import open_session

    return open_session


@late
def _introspection_identity() -> Callable[..., Identity]:
    from adapters.identity.introspection import IntrospectionIdentity

    return IntrospectionIdentity


@late
def _jwks_session() -> Callable[..., AbstractAsyncContextManager[object]]:
    from adapters.identity.jwks import open_session

    return open_session


@late
def _key_set() -> Callable[..., Any]:
    from adapters.identity.jwks import JsonWebKeySet

    return JsonWebKeySet


@late
def _jwt_identity() -> Callable[..., Identity]:
    from adapters.identity.jwt import JwtIdentity

    return JwtIdentity


@late
def _staging_identity() -> Callable[..., Identity]:
    from adapters.identity.staging import StagingIdentity

    return StagingIdentity


class IdentityWiring(Foundation):
    """Introspection, signed tokens, or staging's word."""

    identity_session: providers.Provider[AbstractAsyncContextManager[object]] = providers.Selector(
        _settings.identity.kind,
        introspection=providers.Singleton(
            _introspection_session,
            _settings.identity.client_id,
            _settings.identity.client_secret.reveal.call(),
        ),
        jwt=providers.Singleton(_jwks_session),
        staging=providers.Singleton(nullcontext),
    )
    introspection_identity: providers.Provider[Identity] = providers.Singleton(
        _introspection_identity,
        identity_session,
        url=_settings.identity.introspection_url,
        patient_claim=_settings.identity.patient_claim,
        clock=Foundation.clock,
    )
    jwt_identity: providers.Provider[Identity] = providers.Singleton(
        _jwt_identity,
        providers.Singleton(
            _key_set,
            identity_session,
            url=_settings.identity.jwks_url,
            clock=Foundation.clock,
        ),
        issuer=_settings.identity.issuer,
        audience=_settings.identity.audience,
        patient_claim=_settings.identity.patient_claim,
        clock=Foundation.clock,
    )
    staging_identity: providers.Provider[Identity] = providers.Singleton(_staging_identity)
    identity: providers.Provider[Identity] = providers.Selector(
        _settings.identity.kind,
        introspection=introspection_identity,
        jwt=jwt_identity,
        staging=staging_identity,
    )
