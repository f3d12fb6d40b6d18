"""What the peers have a copy of, since they import nothing of ours, is still what we say."""

from pathlib import Path

import msgspec
import pytest

from bench.peers import common
from domain.link_token import LinkToken
from domain.provider import Provider, ProviderName, Slug, provider_of, slugs_of
from entrypoints.http.schemas import ConnectionResponse

_PEERS = Path(common.__file__).parent


def test_peers_know_the_providers_that_we_know() -> None:
    assert [each.value for each in common.Provider] == [each.value for each in Provider]


@pytest.mark.parametrize("provider", Provider)
def test_peers_understand_a_slug_as_we_do(provider: Provider) -> None:
    for slug in (*slugs_of(ProviderName(provider)), Slug("fitbit")):
        assert common.provider_of(slug) == provider_of(slug)


def test_peers_look_a_token_up_by_the_digest_that_we_store() -> None:
    assert common.digest("dGVzdCB0ZXN0IHRlc3Q=") == LinkToken("dGVzdCB0ZXN0IHRlc3Q=").digest


def test_peers_answer_with_the_members_of_the_contract() -> None:
    row = ("id", "patient", "oura", "user", "connected", 0, 1_000_000)
    shown = common.as_json(row)
    assert tuple(shown) == ConnectionResponse.__struct_fields__
    assert shown["last_synced_at"] == "1970-01-01T00:00:01Z"
    assert msgspec.json.encode(shown)


def test_peers_store_the_same_in_both_databases() -> None:
    [_, *sqlite] = (_PEERS / "schema.sql").read_text().split("\nCREATE ")
    [_, *postgresql] = (_PEERS / "schema_postgresql.sql").read_text().split("\nCREATE ")
    assert [each.replace(" INTEGER", " BIGINT") for each in sqlite] == postgresql


def test_peers_import_nothing_of_ours() -> None:
    ours = ("domain", "ports", "adapters", "entrypoints", "tests")
    for module in _PEERS.glob("*.py"):
        imports = [line for line in module.read_text().splitlines() if "import" in line]
        assert not [line for line in imports if line.startswith(tuple(f"from {o}" for o in ours))]
