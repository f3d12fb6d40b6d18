"""Who says who is asking."""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final

from dependency_injector import providers

from adapters.identity import introspection, jwks
from adapters.identity.jwt import JwtIdentity
from adapters.identity.staging import StagingIdentity
from entrypoints.wiring.foundation import Foundation
from ports.identity import Identity

_settings: Final = Foundation.settings.provided


class IdentityWiring(Foundation):
    """Introspection, signed tokens, or staging's word."""

    identity_session: providers.Provider[AbstractAsyncContextManager[object]] = providers.Selector(
        _settings.identity.kind,
        introspection=providers.Singleton(
            introspection.open_session,
            _settings.identity.client_id,
            _settings.identity.client_secret.reveal.call(),
        ),
        jwt=providers.Singleton(jwks.open_session),
        staging=providers.Singleton(nullcontext),
    )
    introspection_identity: providers.Provider[Identity] = providers.Singleton(
        introspection.IntrospectionIdentity,
        identity_session,
        url=_settings.identity.introspection_url,
        patient_claim=_settings.identity.patient_claim,
        clock=Foundation.clock,
    )
    jwt_identity: providers.Provider[Identity] = providers.Singleton(
        JwtIdentity,
        providers.Singleton(
            jwks.JsonWebKeySet,
            identity_session,
            url=_settings.identity.jwks_url,
            clock=Foundation.clock,
        ),
        issuer=_settings.identity.issuer,
        audience=_settings.identity.audience,
        patient_claim=_settings.identity.patient_claim,
        clock=Foundation.clock,
    )
    staging_identity: providers.Provider[Identity] = providers.Singleton(StagingIdentity)
    identity: providers.Provider[Identity] = providers.Selector(
        _settings.identity.kind,
        introspection=introspection_identity,
        jwt=jwt_identity,
        staging=staging_identity,
    )
