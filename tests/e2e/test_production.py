"""`wearable-link serve` as in production, with an authority and a Junction on sockets."""

import asyncio
from pathlib import Path

from tests.authority import CLIENT_ID, CLIENT_SECRET, an_authority
from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import Answer, call, send

TOKEN = "opaque-token-of-anna"


def link_a_wearable(folder: Path, authority: str) -> tuple[Answer, Answer, Answer]:
    """Mint, link and exchange as a patient; and knock with a token of staging."""
    service, junction = a_free_port(), a_free_port()
    environ = {
        "IDENTITY": "introspection",
        "INTROSPECTION_URL": authority,
        "INTROSPECTION_CLIENT_ID": CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": CLIENT_SECRET,
        "JUNCTION_API_KEY": "sk_us_made_up",
        "JUNCTION_BASE_URL": f"http://127.0.0.1:{junction}",
    }
    api = f"http://127.0.0.1:{service}/v1/wearables"
    with (
        running("simulate-junction", "--port", str(junction), folder=folder),
        running("serve", "--port", str(service), folder=folder, environ=environ),
    ):
        minted = call("POST", f"{api}/link/token", token=TOKEN, json_body={"provider": "oura"})
        said = f"http://127.0.0.1:{junction}/_simulator/users/anna/providers/oura"
        send("PUT", said, {}, '{"status": "connected"}')
        link = {"link_token": minted.json["link_token"]}
        linked = call("POST", f"{api}/link/exchange", token=TOKEN, json_body=link)
        knocked = call("GET", f"{api}/connections", patient="anna")
    return minted, linked, knocked


async def test_patient_links_a_wearable_with_an_opaque_token(tmp_path: Path) -> None:
    async with an_authority() as authority:
        authority.tokens[TOKEN] = {"active": True, "sub": "anna", "client_id": "an app"}
        minted, linked, knocked = await asyncio.to_thread(link_a_wearable, tmp_path, authority.url)

    assert minted.status == 201
    assert (linked.status, linked.json["status"]) == (201, "connected")
    assert linked.json["patient_id"] == "anna"
    assert (knocked.status, knocked.json["error"]) == (401, "invalid_token")
