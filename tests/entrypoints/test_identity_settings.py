"""Which authority says who is asking, from the environment."""

import pytest

from entrypoints.environment import Environment
from entrypoints.identity_settings import IdentitySettings, identity_settings

INTROSPECTION = {
    "IDENTITY": "introspection",
    "INTROSPECTION_URL": "https://identity.example/v1/oauth/introspect",
    "INTROSPECTION_CLIENT_ID": "us",
    "INTROSPECTION_CLIENT_SECRET": "canary",
}


def read(environ: dict[str, str], *, staging: bool = False) -> tuple[IdentitySettings, list[str]]:
    env = Environment(environ)
    return identity_settings(env, staging=staging), env.problems


def test_staging_needs_nothing() -> None:
    settings, problems = read({}, staging=True)

    assert problems == []
    assert (settings.kind, settings.patient_claim, settings.required_scope) == (
        "staging",
        "sub",
        None,
    )


@pytest.mark.parametrize("staging", [True, False])
def test_introspection_is_read_whole(*, staging: bool) -> None:
    environ = INTROSPECTION | {"PATIENT_CLAIM": "patient_id", "REQUIRED_SCOPE": "write:wearables"}

    settings, problems = read(environ, staging=staging)

    assert problems == []
    assert settings.kind == "introspection"
    assert settings.introspection_url == INTROSPECTION["INTROSPECTION_URL"]
    assert (settings.client_id, settings.client_secret.reveal()) == ("us", "canary")
    assert (settings.patient_claim, settings.required_scope) == ("patient_id", "write:wearables")
    assert "canary" not in repr(settings)


def test_everything_that_is_missing_is_named_at_once() -> None:
    _, problems = read({"IDENTITY": "introspection"})

    assert problems == [
        "INTROSPECTION_URL: missing",
        "INTROSPECTION_CLIENT_ID: missing",
        "INTROSPECTION_CLIENT_SECRET: missing",
    ]


JWT = {
    "IDENTITY": "jwt",
    "JWT_ISSUER": "https://identity.example/",
    "JWT_AUDIENCE": "wearable-link",
    "JWT_JWKS_URL": "https://identity.example/.well-known/jwks.json",
}


@pytest.mark.parametrize("staging", [True, False])
def test_jwt_is_read_whole(*, staging: bool) -> None:
    settings, problems = read(JWT | {"PATIENT_CLAIM": "patient_id"}, staging=staging)

    assert problems == []
    assert (settings.kind, settings.patient_claim) == ("jwt", "patient_id")
    assert settings.issuer == JWT["JWT_ISSUER"]
    assert settings.audience == JWT["JWT_AUDIENCE"]
    assert settings.jwks_url == JWT["JWT_JWKS_URL"]


def test_everything_that_jwt_lacks_is_named_at_once() -> None:
    _, problems = read({"IDENTITY": "jwt"})

    assert problems == ["JWT_JWKS_URL: missing", "JWT_ISSUER: missing", "JWT_AUDIENCE: missing"]


def test_keys_are_fetched_from_no_doubtful_address() -> None:
    _, problems = read(JWT | {"JWT_JWKS_URL": "http://identity.example/jwks"})

    assert problems == ["JWT_JWKS_URL: expected https://host/path"]


@pytest.mark.parametrize("kind", ["", "staging", "Introspection", "JWT", "none"])
def test_outside_staging_there_is_no_identity_but_a_real_one(kind: str) -> None:
    assert read({"IDENTITY": kind})[1] == ["IDENTITY: expected introspection or jwt"]


@pytest.mark.parametrize(
    "url",
    [
        "http://identity.example/introspect",
        "ftp://identity.example/introspect",
        "https://user:secret@identity.example/introspect",
        "https://",
        "identity.example/introspect",
        "https://identity.example:port/",
        "https://evil.example\\@identity.example/",
        "http://127.0.0.1.evil.example/",
        "https://identity.example/a b",
    ],
)
def test_bearer_tokens_are_sent_to_no_doubtful_address(url: str) -> None:
    _, problems = read(INTROSPECTION | {"INTROSPECTION_URL": url})

    assert problems == ["INTROSPECTION_URL: expected https://host/path"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/introspect", "http://[::1]/", "http://localhost"]
)
def test_this_machine_may_be_asked_in_the_clear(url: str) -> None:
    assert read(INTROSPECTION | {"INTROSPECTION_URL": url})[1] == []


@pytest.mark.parametrize("scope", ["read:a write:b", 'a"b', "a\\b", "\u00fc"])
def test_scope_that_a_header_cannot_carry_is_refused(scope: str) -> None:
    _, problems = read({"REQUIRED_SCOPE": scope}, staging=True)

    assert problems == ["REQUIRED_SCOPE: expected one scope, like write:wearables"]
