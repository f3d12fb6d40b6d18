"""`wearable-link serve --staging`: what somebody meets in their first minute."""

import stat
from pathlib import Path

from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import call, send_curl

ROOT = Path(__file__).parents[2]

MEMBERS = {
    "id",
    "patient_id",
    "provider",
    "junction_user_id",
    "status",
    "connected_at",
    "last_synced_at",
}


def the_curl_in(text: str) -> str:
    return text[text.index("curl -sS") :]


def test_printed_curl_links_a_wearable_that_outlives_a_kill(tmp_path: Path) -> None:
    port = a_free_port()
    serve = ("serve", "--staging", "--port", str(port))
    with running(*serve, folder=tmp_path) as service:
        first = send_curl(the_curl_in(service.greeting))
        again = send_curl(the_curl_in(service.greeting))
        service.kill()

    readme = (ROOT / "README.md").read_text()
    assert the_curl_in(service.greeting).replace(str(port), "8000").strip() in readme

    assert first.status == 201
    assert set(first.json) == MEMBERS
    assert first.json["status"] == "connected"
    assert (again.status, again.json) == (201, first.json)

    with running(*serve, folder=tmp_path):
        listed = call("GET", f"http://127.0.0.1:{port}/v1/wearables/connections")
    assert listed.json == {"connections": [first.json]}


def test_what_is_stored_is_for_the_owners_eyes_only(tmp_path: Path) -> None:
    with running("serve", "--staging", "--port", str(a_free_port()), folder=tmp_path):
        files = [tmp_path / "var", *(tmp_path / "var").iterdir()]

    assert {"staging.db", "staging.db.junction.jsonl"} <= {file.name for file in files}
    assert not any(stat.S_IMODE(file.stat().st_mode) & 0o077 for file in files if file.exists())
