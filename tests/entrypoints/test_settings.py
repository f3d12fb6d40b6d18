"""What the environment says, checked whole before anything starts."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from entrypoints.container import create_container
from entrypoints.environment import SettingsError
from entrypoints.settings import Settings, load_settings

NEEDS_IDENTITY = "IDENTITY: expected introspection or jwt"
DATABASE = "DATABASE_URL: expected sqlite:///path/to/file or postgresql://user@host/database"


def staging(**environ: str) -> Settings:
    return load_settings(environ, staging=True, public_url="http://127.0.0.1:8000")


def problems_of(environ: Mapping[str, str], *, staging: bool = True) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        load_settings(environ, staging=staging, public_url="")
    return refusal.value.problems


def test_staging_needs_nothing_and_simulates_junction_over_a_file() -> None:
    settings = staging()

    assert settings.staging
    assert settings.database.path == Path("var/staging.db")
    assert settings.database.journal_path == Path("var/staging.db.junction.jsonl")
    assert settings.link_page == "http://127.0.0.1:8000/junction/link"
    assert settings.junction_base_url is None
    assert (settings.database.kind, settings.junction, settings.identity.kind) == (
        "sqlite",
        "in_memory",
        "staging",
    )
    assert settings.junction_deadline_seconds == 5.0
    assert settings.storage_deadline_seconds == 5.0
    assert settings.max_in_flight == 512
    assert settings.shutdown_grace_seconds == 10.0
    assert settings.reconcile_seconds is None


def test_staging_honours_what_is_set() -> None:
    settings = staging(
        DATABASE_URL="sqlite:////srv/link.db",
        JUNCTION_API_KEY="sk_eu_secret",
        JUNCTION_BASE_URL="https://api.sandbox.eu.junction.com",
        JUNCTION_DEADLINE_SECONDS="2.5",
        STORAGE_DEADLINE_SECONDS="1",
        MAX_IN_FLIGHT="64",
        SHUTDOWN_GRACE_SECONDS="25",
        RECONCILE_SECONDS="21600",
    )

    assert settings.database.path == Path("/srv/link.db")
    assert settings.junction == "http"
    assert settings.junction_base_url == "https://api.sandbox.eu.junction.com"
    assert settings.junction_api_key.reveal() == "sk_eu_secret"
    assert settings.junction_deadline_seconds == 2.5
    assert settings.storage_deadline_seconds == 1.0
    assert settings.max_in_flight == 64
    assert settings.shutdown_grace_seconds == 25.0
    assert settings.reconcile_seconds == 21600.0


@pytest.mark.parametrize("seconds", ["0", "0.99", "-1", "often", "604801", "nan"])
def test_reconciling_is_done_once_a_second_at_most_and_once_a_week_at_least(seconds: str) -> None:
    assert problems_of({"RECONCILE_SECONDS": seconds}) == [
        "RECONCILE_SECONDS: expected seconds, from 1 to 604800"
    ]


@pytest.mark.parametrize(("set_to", "granted"), [("2.5", 2.5), ("60", 5.0)])
def test_webhook_leaves_its_sender_no_reason_to_give_up(set_to: str, granted: float) -> None:
    settings = staging(JUNCTION_DEADLINE_SECONDS=set_to)

    assert settings.webhook_deadline_seconds == granted
    assert create_container(settings).webhooks().patience == granted


def test_staging_may_keep_everything_in_memory() -> None:
    settings = staging(DATABASE_URL="memory:")

    assert settings.database.storage == "in_memory"
    assert settings.database.kind == "in_memory"
    assert settings.database.journal_path is None


def test_staging_asks_a_simulator_on_this_machine_without_a_key_of_ones_own() -> None:
    settings = staging(JUNCTION_BASE_URL="http://127.0.0.1:8001")

    assert settings.junction == "http"
    assert settings.junction_api_key.reveal().startswith("sk_")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8001", "https://api.us.junction.com"])
def test_production_key_has_no_place_in_staging(url: str) -> None:
    problems = problems_of({"JUNCTION_API_KEY": "pk_us_canary", "JUNCTION_BASE_URL": url})

    assert problems == ["JUNCTION_API_KEY: a production key (pk_) has no place in staging"]


def test_sandbox_key_is_not_sent_to_production() -> None:
    problems = problems_of(
        {"JUNCTION_API_KEY": "sk_us_canary", "JUNCTION_BASE_URL": "https://api.us.junction.com"}
    )

    assert [problem.partition(":")[0] for problem in problems] == ["JUNCTION_BASE_URL"]


def test_outside_staging_every_missing_setting_is_named_at_once() -> None:
    assert problems_of({}, staging=False) == ["JUNCTION_API_KEY: missing", NEEDS_IDENTITY]


def test_outside_staging_the_key_says_which_junction() -> None:
    assert problems_of({"JUNCTION_API_KEY": "pk_eu_canary"}, staging=False) == [NEEDS_IDENTITY]


def test_outside_staging_nothing_is_kept_in_memory() -> None:
    problems = problems_of(
        {"JUNCTION_API_KEY": "pk_eu_canary", "DATABASE_URL": "memory:"}, staging=False
    )

    assert problems == [DATABASE, NEEDS_IDENTITY]


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    problems = problems_of(
        {
            "DATABASE_URL": "mysql://canary",
            "JUNCTION_API_KEY_FILE": str(tmp_path / "none"),
            "JUNCTION_DEADLINE_SECONDS": "never",
            "STORAGE_DEADLINE_SECONDS": "0",
            "MAX_IN_FLIGHT": "0",
            "SHUTDOWN_GRACE_SECONDS": "-1",
        },
        staging=False,
    )

    assert [problem.partition(":")[0] for problem in problems] == [
        "JUNCTION_API_KEY_FILE",
        "JUNCTION_API_KEY",
        "DATABASE_URL",
        "IDENTITY",
        "JUNCTION_DEADLINE_SECONDS",
        "STORAGE_DEADLINE_SECONDS",
        "MAX_IN_FLIGHT",
        "SHUTDOWN_GRACE_SECONDS",
    ]


def test_refusal_reads_as_one_line_for_each_problem() -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings({}, staging=False, public_url="")

    assert str(refusal.value).splitlines() == refusal.value.problems


def test_key_of_no_environment_is_what_is_wrong() -> None:
    problems = problems_of({"JUNCTION_API_KEY": "canary"}, staging=False)

    assert problems[0].startswith("JUNCTION_API_KEY: ")


def test_secrets_are_not_shown() -> None:
    settings = staging(JUNCTION_API_KEY="sk_us_canary")

    assert settings.junction_api_key.reveal() == "sk_us_canary"
    assert "canary" not in repr(settings)
    assert "canary" not in f"{settings} {settings.junction_api_key}"


@pytest.mark.parametrize(
    "environ",
    [
        {"JUNCTION_API_KEY": "pk_us_canary"},
        {"JUNCTION_API_KEY": "canary", "JUNCTION_BASE_URL": "https://evil.example"},
        {"DATABASE_URL": "mysql://user:canary@localhost/link"},
        {"JUNCTION_DEADLINE_SECONDS": "canary"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_problems_repeat_no_value(environ: dict[str, str]) -> None:
    assert "canary" not in "\n".join(problems_of(environ))


@pytest.mark.parametrize(
    ("name", "value"), [("IDENTITY", "none"), ("LINK_TOKENS", "both")], ids=["identity", "tokens"]
)
def test_setting_that_would_not_be_honoured_is_refused(name: str, value: str) -> None:
    [problem] = problems_of({name: value}, staging=True)

    assert problem.startswith(f"{name}: ")


@pytest.mark.parametrize("key", ["sk_us_x\nX: y", "sk_us_\u00e9", "sk_us_a b"])
def test_key_that_no_header_can_carry_is_refused(key: str) -> None:
    problems = problems_of({"JUNCTION_API_KEY": key}, staging=False)

    assert problems[0].startswith("JUNCTION_API_KEY: ")
    assert key not in problems[0]


def test_key_alone_says_which_junction_staging_asks() -> None:
    settings = staging(JUNCTION_API_KEY="sk_eu_made_up")

    assert settings.junction == "http"
    assert settings.junction_base_url == "https://api.sandbox.eu.junction.com"


def test_callers_are_trusted_with_link_tokens_only_if_that_is_set() -> None:
    assert not staging().trusts_caller
    assert not staging(LINK_TOKENS="ledger").trusts_caller
    assert staging(LINK_TOKENS="caller").trusts_caller


def test_no_page_is_let_in_by_default() -> None:
    assert staging().cors_allowed_origins == ()


def test_origins_are_a_list_by_comma() -> None:
    settings = staging(CORS_ALLOWED_ORIGINS=" https://app.example,http://localhost:5173 ,")

    assert settings.cors_allowed_origins == ("https://app.example", "http://localhost:5173")


@pytest.mark.parametrize(
    "origin",
    ["https://app.example:8443", "capacitor://localhost", "http://127.0.0.1:3000", "http://[::1]"],
)
def test_origin_as_a_browser_spells_it_is_taken(origin: str) -> None:
    assert staging(CORS_ALLOWED_ORIGINS=origin).cors_allowed_origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "null",
        "app.example",
        "https://*.canary.example",
        "https://canary.example/",
        "https://canary.example/app",
        "https://Canary.example",
        "https://canary.example:443",
        "http://localhost:80",
        "http://canary.example",
        "https://canary.example\nhttps://evil.example",
    ],
)
def test_origin_that_no_browser_sends_or_anyone_can_is_refused(origin: str) -> None:
    problems = problems_of({"CORS_ALLOWED_ORIGINS": f"https://app.example,{origin}"})

    assert problems == ["CORS_ALLOWED_ORIGINS: expected https://app.example, or several by comma"]
