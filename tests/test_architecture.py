"""What the layers promise, and that breaking a promise is noticed."""

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
BIN: Final = Path(sys.executable).parent
CODE: Final = ("domain", "ports", "adapters", "entrypoints")

# The use cases await ports, and equal calls wait for each other; all else in the domain is pure.
AWAITING: Final = {
    "forgetting.py",
    "lifecycle.py",
    "linking.py",
    "looking.py",
    "pace.py",
    "paced_looks.py",
    "reconciling.py",
    "single_flight.py",
    "stale.py",
    "webhooks.py",
}


@pytest.mark.parametrize(
    "module",
    [path for path in (ROOT / "domain").glob("*.py") if path.name not in AWAITING],
    ids=lambda path: path.name,
)
def test_rules_of_the_domain_are_synchronous(module: Path) -> None:
    nodes = ast.walk(ast.parse(module.read_text()))

    assert not [node for node in nodes if isinstance(node, ast.AsyncFunctionDef | ast.Await)]


@pytest.mark.parametrize("folder", CODE)
def test_module_is_one_idea_on_a_page_or_two(folder: str) -> None:
    most = 150 if folder in {"domain", "ports"} else 200
    lengths = {
        path.relative_to(ROOT): len(path.read_text().splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }

    assert not {path: length for path, length in lengths.items() if length > most}


def test_every_module_of_the_domain_has_its_layer() -> None:
    """A module that the contract does not name could import anything."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [layers] = [each["layers"] for each in contracts["contracts"] if each["type"] == "layers"]
    named = {name for layer in layers for name in layer.split(" | ")}

    assert {f"domain.{path.stem}" for path in (ROOT / "domain").glob("[a-z]*.py")} <= named


def test_adapters_do_not_inherit_ports() -> None:
    """Inheriting would hide a forgotten method: `Provider[Port]` has to prove the fit."""
    ports = {
        node.name
        for path in (ROOT / "ports").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    }
    bases = {
        base.id
        for path in (ROOT / "adapters").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if isinstance(base, ast.Name)
    }

    assert not ports & bases


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code, to be broken."""
    for name in CODE:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(*command: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=at,
        env={"PYTHONPATH": str(at)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("domain/connection.py", "import adapters.clock", "Dependencies point inward"),
        ("domain/link_token.py", "import ports.clock", "Dependencies point inward"),
        ("adapters/clock.py", "import entrypoints.settings", "Dependencies point inward"),
        ("domain/errors.py", "import starlette", "The hexagon knows no framework"),
        ("ports/clock.py", "import msgspec", "The hexagon knows no framework"),
        (
            "adapters/junction/http.py",
            "import adapters.identity.staging",
            "Adapters do not know each other",
        ),
        ("entrypoints/cli.py", "import adapters.clock", "Only the container names adapters"),
    ],
)
def test_import_against_the_layers_is_noticed(
    copy: Path, module: str, line: str, broken: str
) -> None:
    path = copy / module
    path.write_text(f"{path.read_text()}\n{line}\n")

    result = run("lint-imports", "--no-cache", at=copy)

    assert result.returncode == 1
    assert f"{broken} BROKEN" in result.stdout


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("module", "port", "right", "wrong"),
    [
        (
            "adapters/persistence/repositories.py",
            "LinkTokenLedger",
            "async def find(self, digest: TokenDigest)",
            "async def look_up(self, digest: TokenDigest)",
        ),
        (
            "adapters/junction/in_memory.py",
            "JunctionGateway",
            "-> list[Listing] | None:",
            "-> list[Listing] | str:",
        ),
        (
            "adapters/clock.py",
            "Clock",
            "def monotonic(self) -> float:\n        return time",
            "async def monotonic(self) -> float:\n        return time",
        ),
    ],
    ids=["method forgotten", "wrong answer", "wrong colour"],
)
def test_adapter_that_breaks_its_port_is_noticed(
    copy: Path,
    tmp_path_factory: pytest.TempPathFactory,
    module: str,
    port: str,
    right: str,
    wrong: str,
) -> None:
    path = copy / module
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))

    cache = tmp_path_factory.getbasetemp() / "mypy"
    result = run("mypy", "--cache-dir", str(cache), "entrypoints", at=copy)

    assert result.returncode == 1
    assert "entrypoints/wiring/" in result.stdout
    assert f'expected "Callable[..., {port}]' in result.stdout
