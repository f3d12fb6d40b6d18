"""What must hold of an image, as far as its recipe says it."""

import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.shipping.containerfile import ROOT, Instruction, copied, instructions

FILE = list(instructions())
LAST = max(each.stage for each in FILE)


def the(name: str, *, stage: int = LAST) -> Instruction:
    (found,) = (each for each in FILE if each.name == name and each.stage == stage)
    return found


def argument(name: str) -> str:
    (found,) = (
        each.value.partition("=")[2].strip('"')
        for each in FILE
        if each.name == "ARG" and each.value.startswith(f"{name}=")
    )
    return found


def test_its_user_is_a_number_and_not_root() -> None:
    user, _, group = the("USER").value.partition(":")

    assert int(user) > 0
    assert int(group) > 0


def test_no_shell_stands_between_the_engine_and_the_service() -> None:
    assert the("ENTRYPOINT").as_list == ["wearable-link"]
    assert the("CMD").as_list[0] == "serve"
    assert the("HEALTHCHECK").as_list[0] == "python"


def test_all_that_is_written_goes_to_the_one_folder_that_is_its_users() -> None:
    folder = f"{the('WORKDIR').value}/var"  # where DATABASE_URL leads by default

    assert the("VOLUME").as_list == [folder]
    assert f"SQLITE_TMPDIR={folder}" in the("ENV").value.split()
    user, _, group = the("USER").value.partition(":")
    made = f"install --directory --owner={user} --group={group} --mode=0700 {folder}"
    assert made in the("RUN").value


def test_its_base_has_a_version() -> None:
    assert {each.value.split()[0] for each in FILE if each.name == "FROM"} == {"${PYTHON}"}
    assert re.search(r":3\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?$", argument("PYTHON"))


def test_nothing_is_installed_but_what_is_locked_and_the_project() -> None:
    run = " ".join(each.value for each in FILE if each.name == "RUN")

    assert argument("LOCKS") == "runtime"
    assert argument("LOCKED") == "--require-hashes --no-deps --only-binary :all:"
    installed = re.findall(r" install (?!--directory)(.*?)(?:&&|\|\||$)", run)
    assert len(installed) == 3
    assert all("${LOCKED}" in each or "--no-index --no-deps dist/" in each for each in installed)
    assert not re.search(r"\b(apt-get|apk|curl|wget|git)\b", run)
    assert not [each for each in FILE if each.name == "ADD"]


def test_the_folder_that_is_sent_holds_what_is_copied_and_no_more() -> None:
    rules = (ROOT / ".dockerignore").read_text().splitlines()

    assert [each for each in rules if each[0] not in "#!"] == ["*", "**/__pycache__"]
    assert {each[1:] for each in rules if each.startswith("!")} == copied()


def test_all_of_the_code_is_in_the_wheel_that_is_made_of_what_is_copied(tmp_path: Path) -> None:
    for name in copied():
        (tmp_path / name).symlink_to(ROOT / name)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=tmp_path, check=True
    )

    (wheel,) = tmp_path.glob("dist/*.whl")
    code = {
        str(file.relative_to(ROOT))
        for folder in ("domain", "ports", "adapters", "entrypoints")
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert code == {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
