"""Which Junction key may be sent where: a key sent to the wrong host is a key given away."""

import pytest

from entrypoints.junction_hosts import base_url_for, problem_with

HOSTS = [
    ("pk_us_", "api.us.junction.com", "api.tryvital.io"),
    ("pk_eu_", "api.eu.junction.com", "api.eu.tryvital.io"),
    ("sk_us_", "api.sandbox.us.junction.com", "api.sandbox.tryvital.io"),
    ("sk_eu_", "api.sandbox.eu.junction.com", "api.sandbox.eu.tryvital.io"),
]
PREFIXES = [prefix for prefix, *_ in HOSTS]
EVERY_HOST = [host for _, *hosts in HOSTS for host in hosts]


@pytest.mark.parametrize(("prefix", "today", "_old"), HOSTS)
def test_key_has_a_host_of_its_own(prefix: str, today: str, _old: str) -> None:
    assert base_url_for(f"{prefix}secret") == f"https://{today}"


@pytest.mark.parametrize("key", ["", "secret", "pk_", "sk_us", "PK_US_secret", "pk_au_secret"])
def test_key_of_no_environment_belongs_nowhere(key: str) -> None:
    assert base_url_for(key) is None
    assert problem_with("https://api.us.junction.com", key)


@pytest.mark.parametrize(("prefix", "today", "old"), HOSTS)
def test_key_goes_to_its_hosts_and_to_no_other(prefix: str, today: str, old: str) -> None:
    taken = {
        host for host in EVERY_HOST if problem_with(f"https://{host}", f"{prefix}secret") is None
    }

    assert taken == {today, old}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8001",
        "http://127.9.9.9",
        "https://localhost:8001",
        "http://LOCALHOST",
        "http://[::1]:8001",
    ],
)
@pytest.mark.parametrize("key", ["pk_us_secret", "sk_eu_secret", "anything"])
def test_any_key_goes_to_this_machine(url: str, key: str) -> None:
    assert problem_with(url, key) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.us.junction.com",
        "//api.us.junction.com",
        "https://",
        "https:///api.us.junction.com",
        "http://api.us.junction.com",
        "ftp://api.us.junction.com",
        "ftp://localhost",
        "https://evil.example",
        "https://api.us.junction.com.evil.example",
        "https://api.us.junction.com@evil.example",
        "https://api.us.junction.com:443@evil.example",
        "https://api.us.junction.com\\@evil.example",
        "https://evil.example/api.us.junction.com",
        "https://evil.example?api.us.junction.com",
        "https://evil.example#@api.us.junction.com",
        "https://evilapi.us.junction.com",
        "https://junction.com",
        "https://api.us.junction.com.",
        "https://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "https://0.0.0.0",
        "https://10.0.0.1",
        "https://[::1",
    ],
)
def test_key_goes_to_no_other_address(url: str) -> None:
    assert problem_with(url, "pk_us_secret")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.us.junction.com:port",
        "https://api.us.junction.com:99999",
        "https://api.us.junction.com?a=b",
        "https://api.us.junction.com#a",
        "https://user:secret@api.us.junction.com",
        "https://evil.example\\@api.us.junction.com",
        "http://127.0.0.1:port",
    ],
)
def test_address_that_no_path_can_follow_is_refused(url: str) -> None:
    assert problem_with(url, "pk_us_secret")


@pytest.mark.parametrize(
    "url", ["https://evil.example", "http://api.us.junction.com", "https://[::1"]
)
def test_key_is_not_part_of_the_objection(url: str) -> None:
    assert "canary" not in (problem_with(url, "pk_us_canary") or "")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_objection_names_the_hosts_that_would_do(prefix: str) -> None:
    objection = problem_with("https://evil.example", f"{prefix}secret") or ""

    assert (base_url_for(f"{prefix}secret") or "").removeprefix("https://") in objection
