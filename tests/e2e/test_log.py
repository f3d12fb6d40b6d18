"""What a service that runs writes to standard error: its log, and nothing else."""

from pathlib import Path

import msgspec

from entrypoints.log import FIELDS
from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import call

EXCHANGE = "/v1/wearables/link/exchange"


def test_each_line_is_an_object_that_tells_nothing_of_a_patient(tmp_path: Path) -> None:
    port = a_free_port()
    api = f"http://127.0.0.1:{port}/v1/wearables"
    with running("serve", "--staging", "--port", str(port), folder=tmp_path) as server:
        minted = call("POST", f"{api}/link/token", patient="anna-of-e2e", json_body={}).json
        answers = [
            call("POST", f"{api}/link/exchange", json_body={"link_token": token})
            for token in (minted["link_token"], "link-test-connected", "link-test-junction-down")
        ]
        call("GET", f"{api}/patients/anna-of-e2e", patient="anna-of-e2e")

    lines = [msgspec.json.decode(line) for line in server.log.splitlines()]
    assert [(line["event"], line["status"]) for line in lines] == [
        ("request", 201),
        ("request", 400),
        ("request", 201),
        ("request", 502),
        ("request", 404),
    ]
    assert {name for line in lines for name in line} <= FIELDS.keys()
    kept = {minted["link_token"], answers[1].json["junction_user_id"]}
    for word in kept | {"anna-of-e2e", "link-test-", "staging.", "demo"}:
        assert word not in server.log
