"""The secrets of webhooks: several, each of Svix's form, and none of them shown."""

from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from entrypoints.environment import SettingsError
from entrypoints.settings import Settings, load_settings
from entrypoints.webhook_settings import STAGING_SECRET

OLD = "whsec_dGhlIG9sZCBzZWNyZXQgb2Ygd2ViaG9va3M="
NEW = "whsec_dGhlIG5ldyBzZWNyZXQgb2Ygd2ViaG9va3M="
PROBLEM = (
    "JUNCTION_WEBHOOK_SECRETS: expected whsec_... as the endpoint's page shows it, "
    "or several by comma"
)


def production(**environ: str) -> Settings:
    needed = {
        "JUNCTION_API_KEY": "sk_us_made_up",
        "IDENTITY": "jwt",
        "JWT_ISSUER": "https://issuer.example",
        "JWT_AUDIENCE": "wearables",
        "JWT_JWKS_URL": "https://issuer.example/keys",
    }
    return load_settings(needed | environ, staging=False, public_url="")


def secrets_of(settings: Settings) -> list[str]:
    return [secret.reveal() for secret in settings.junction_webhook_secrets]


def of_bytes(count: int) -> str:
    return f"whsec_{b64encode(b'x' * count).decode()}"


def test_outside_staging_there_is_no_secret_unless_one_is_set() -> None:
    assert secrets_of(production()) == []
    assert secrets_of(production(JUNCTION_WEBHOOK_SECRETS=" ")) == []


def test_secrets_are_a_list_by_comma() -> None:
    settings = production(JUNCTION_WEBHOOK_SECRETS=f" {OLD},{NEW} ,")

    assert secrets_of(settings) == [OLD, NEW]


def test_secrets_may_be_mounted(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    file.write_text(f"{OLD},\n{NEW}\n")

    settings = production(JUNCTION_WEBHOOK_SECRETS_FILE=str(file))

    assert secrets_of(settings) == [OLD, NEW]


@pytest.mark.parametrize("count", [24, 25, 26, 32, 64])
def test_secret_of_24_bytes_or_more_is_taken(count: int) -> None:
    assert secrets_of(production(JUNCTION_WEBHOOK_SECRETS=of_bytes(count))) == [of_bytes(count)]


def test_staging_falls_back_to_a_secret_that_everybody_knows() -> None:
    settings = load_settings({}, staging=True, public_url="")

    assert secrets_of(settings) == [STAGING_SECRET]
    assert b64decode(STAGING_SECRET.removeprefix("whsec_")) == b"anyone may sign in staging!"


def test_staging_honours_a_secret_that_is_set() -> None:
    settings = load_settings({"JUNCTION_WEBHOOK_SECRETS": NEW}, staging=True, public_url="")

    assert secrets_of(settings) == [NEW]


@pytest.mark.parametrize(
    "secret",
    [
        "canary",
        OLD.removeprefix("whsec_"),
        OLD.replace("whsec_", "WHSEC_"),
        OLD.replace("whsec_", "whpk_"),
        "whsec_",
        of_bytes(23),
        OLD.rstrip("="),
        f"{OLD}=",
        f"{OLD[:20]}!{OLD[20:]}",
        f"{OLD[:20]} {OLD[20:]}",
        f"{OLD[:20]}\n{OLD[20:]}",
        f"{OLD}\xe9",
        OLD.replace("whsec_", "whsec_whsec_"),
    ],
)
def test_secret_that_is_none_of_svix_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        production(JUNCTION_WEBHOOK_SECRETS=f"{NEW},{secret}")

    assert refusal.value.problems == [PROBLEM]


@pytest.mark.parametrize("text", [",", " , ,"])
def test_list_without_a_secret_is_a_mistake(text: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        production(JUNCTION_WEBHOOK_SECRETS=text)

    assert refusal.value.problems == [PROBLEM]


def test_secrets_are_not_shown() -> None:
    settings = production(JUNCTION_WEBHOOK_SECRETS=f"{OLD},{NEW}")

    assert OLD[6:14] not in repr(settings)
    assert NEW[6:14] not in f"{settings} {settings.junction_webhook_secrets}"
