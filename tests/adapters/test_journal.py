"""The journal that lets the simulated Junction survive a restart."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.clock import FixedClock
from adapters.junction.journal import FileJournal
from adapters.junction.model import JunctionModel, LinkTokenUnusable
from adapters.junction.simulated_user import user_id_of
from domain.provider import Slug
from tests.builders import ANNA, BEN, NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "junction.jsonl"


def restarted(path: Path) -> JunctionModel:
    return JunctionModel(clock=FixedClock(NOW + timedelta(minutes=1)), journal=FileJournal(path))


def test_restarted_model_equals_the_first(path: Path) -> None:
    first = JunctionModel(clock=FixedClock(NOW), journal=FileJournal(path))
    anna, ben = first.create_user(ANNA), first.create_user(BEN)
    first.list_provider(anna.id, Slug("oura"))
    first.list_provider(anna.id, Slug("oura"), status="error", error_type="revoked")
    first.list_provider(anna.id, Slug("garmin"))
    first.unlist_provider(anna.id, Slug("garmin"))
    first.delete_user(ben.id)
    second = restarted(path)

    assert second.user(anna.id) == anna
    assert second.providers(anna.id) == first.providers(anna.id)
    assert second.user(ben.id) is None


def test_user_whom_another_process_deleted_hinders_no_restart(path: Path) -> None:
    """The command `forget` beside a service: each appends what it believes to have happened."""
    service = JunctionModel(clock=FixedClock(NOW), journal=FileJournal(path))
    anna = service.create_user(ANNA)
    restarted(path).delete_user(anna.id)
    service.list_provider(anna.id, Slug("oura"))
    service.unlist_provider(anna.id, Slug("oura"))

    assert restarted(path).user(anna.id) is None


def test_tokens_survive_a_restart_used_and_unused(path: Path) -> None:
    first = JunctionModel(clock=FixedClock(NOW), journal=FileJournal(path))
    anna = first.create_user(ANNA)
    unused = first.mint(anna.id, slugs=(Slug("oura"),), redirect_url="https://app.example")
    used = first.mint(anna.id, slugs=(), redirect_url=None)
    first.link(used.token, Slug("garmin"))
    second = restarted(path)

    assert second.open_token(unused.token) == unused
    with pytest.raises(LinkTokenUnusable, match="token_consumed"):
        second.open_token(used.token)


def test_torn_last_line_is_dropped_and_what_follows_is_whole(path: Path) -> None:
    restarted(path).create_user(ANNA)
    with path.open("ab") as file:
        file.write(b'{"type":"UserCreated","client_user')
    restarted(path).create_user(BEN)
    third = restarted(path)

    assert third.user(user_id_of(ANNA))
    assert third.user(user_id_of(BEN))
    assert path.read_bytes().count(b"\n") == 2


def test_file_of_one_torn_line_is_an_empty_journal(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"type":')

    assert list(FileJournal(path).replay()) == []


def test_file_is_its_owners_only(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o644)
    FileJournal(path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_user_whom_two_processes_created_keeps_their_wearables(path: Path) -> None:
    first, second = restarted(path), restarted(path)
    anna = first.create_user(ANNA)
    first.list_provider(anna.id, Slug("oura"))
    second.create_user(ANNA)

    assert len(restarted(path).providers(anna.id) or []) == 1
