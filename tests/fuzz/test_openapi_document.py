"""Schemathesis: all its phases and checks, against the service as it runs, from its own document.

It sends what the document allows and what it forbids, and follows its links.
"""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
import pytest

from tests.e2e.processes import a_free_port, running

SCHEMATHESIS: Final = str(Path(sys.executable).with_name("schemathesis"))
CONFIGURATION: Final = Path(__file__).with_name("schemathesis.toml")
PHASES: Final = ("Examples", "Coverage", "Fuzzing", "Stateful")


@pytest.mark.timeout(900)
def test_service_does_what_its_document_says_and_refuses_what_it_forbids(tmp_path: Path) -> None:
    port = a_free_port()
    with running("serve", "--staging", "--port", str(port), folder=tmp_path) as server:
        fuzzed = subprocess.run(
            [
                *(SCHEMATHESIS, "--config-file", str(CONFIGURATION), "run"),
                *("--header", "Authorization: Bearer staging.demo", "--no-color"),
                f"http://127.0.0.1:{port}/openapi.json",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert fuzzed.returncode == 0, fuzzed.stdout
    assert [phase for phase in PHASES if f" ✅  {phase} (in " not in fuzzed.stdout] == []
    assert_all_of_it_was_reached(server.log)


def assert_all_of_it_was_reached(log: str) -> None:
    """The fuzzer came past the doors: it minted, exchanged that, looked it up, and ended it."""
    lines = [msgspec.json.decode(line) for line in log.splitlines()]
    answers = Counter((line.get("route"), line["status"]) for line in lines)
    for reached in (
        ("/v1/wearables/link/token", 201),
        ("/v1/wearables/link/token", 400),
        ("/v1/wearables/link/exchange", 201),
        ("/v1/wearables/link/exchange", 400),
        ("/v1/wearables/link/exchange", 401),
        ("/v1/wearables/link/exchange", 415),
        ("/v1/wearables/connections", 200),
        ("/v1/wearables/connections/{id:uuid}", 200),
        ("/v1/wearables/connections/{id:uuid}", 204),
        ("/v1/wearables/connections/{id:uuid}", 404),
        ("/v1/wearables/connections/{id:uuid}/events", 200),
        ("/v1/wearables/connections/{id:uuid}/events", 400),
        ("/v1/wearables/connections/{id:uuid}/events", 404),
        ("/webhooks/junction-link", 401),
    ):
        assert answers[reached] > 0, answers
    assert {status for _, status in answers if status >= 500} == set()
