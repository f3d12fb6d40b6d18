"""The example of a whole: its settings are settings, and its containers are as shut as may be."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import pytest

from entrypoints.cli import main
from entrypoints.environment import Environment
from entrypoints.server import Stopping
from entrypoints.settings import read_settings
from tests.shipping.containerfile import ROOT

TEXT: Final = (ROOT / "compose.yaml").read_text()
COMPOSE: Final[dict[str, Any]] = msgspec.yaml.decode(TEXT)
OURS: Final = ("migrate", "service")
OTHERS: Final = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE"}


class Asked(Mapping[str, str]):
    """An environment that remembers what it was asked about."""

    def __init__(self, **values: str) -> None:
        self.names: set[str] = set()
        self._values = values

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def settings() -> set[str]:
    names: set[str] = set()
    for identity in ("introspection", "jwt"):
        asked = Asked(IDENTITY=identity)
        read_settings(Environment(asked), staging=False, public_url="")
        names |= asked.names
    return names


def test_each_variable_is_a_setting_also_where_it_is_a_comment() -> None:
    named = set(re.findall(r"^[ #]+([A-Z][A-Z_]+):", TEXT, re.MULTILINE))

    assert named >= {"DATABASE_URL_FILE", "JUNCTION_API_KEY_FILE", "IDENTITY"} | OTHERS
    assert named - settings() == OTHERS


@pytest.mark.parametrize("name", OURS)
def test_containers_of_ours_may_write_and_do_nothing_that_they_need_not(name: str) -> None:
    container = COMPOSE["services"][name]

    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "user", "network_mode", "pid"} & container.keys()


@pytest.mark.parametrize("name", OURS)
def test_commands_are_understood(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "nonsense")

    with pytest.raises(SystemExit):
        main(COMPOSE["services"][name]["command"])
    assert "DATABASE_URL: expected" in capsys.readouterr().err


def test_staging_is_published_to_this_machine_only() -> None:
    service = COMPOSE["services"]["service"]

    assert "--staging" in service["command"]
    assert all(each.startswith("127.0.0.1:") for each in service["ports"])
    assert not [
        each for each in COMPOSE["services"].values() if each is not service and "ports" in each
    ]


def test_the_service_is_given_the_time_it_needs_to_stop() -> None:
    given = COMPOSE["services"]["service"]["stop_grace_period"]

    assert float(given.removesuffix("s")) > Stopping().seconds + 2


def test_every_file_of_a_secret_is_mounted() -> None:
    for container in COMPOSE["services"].values():
        files = {
            value for name, value in container["environment"].items() if name.endswith("_FILE")
        }
        assert files == {f"/run/secrets/{secret}" for secret in container["secrets"]}
        assert set(container["secrets"]) <= COMPOSE["secrets"].keys()


def test_images_have_versions_and_ours_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    images = {name: container["image"] for name, container in COMPOSE["services"].items()}

    assert {images.pop(name) for name in OURS} == {f"wearable-link:{project['version']}"}
    assert all(re.search(r":\d[\w.-]*$", image) for image in images.values())
