"""`wearable-link serve` as in production, with an authority and a Junction on sockets."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from tests.authority import CLIENT_ID, CLIENT_SECRET, an_authority
from tests.e2e.processes import SAY_IMPORTS, a_free_port, running
from tests.e2e.requests import Answer, call, send

STAGINGS = r"^entrypoints\.staging|\.simulator|^adapters\.identity\.staging$"
TOKEN = "opaque-token-of-anna"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    minted: Answer
    linked: Answer
    knocked: Answer
    front: Answer
    imported: set[str]


def link_a_wearable(folder: Path, authority: str) -> Seen:
    """Mint, link and exchange as a patient; then look for what staging has."""
    service, junction = a_free_port(), a_free_port()
    environ = {
        "IDENTITY": "introspection",
        "INTROSPECTION_URL": authority,
        "INTROSPECTION_CLIENT_ID": CLIENT_ID,
        "INTROSPECTION_CLIENT_SECRET": CLIENT_SECRET,
        "JUNCTION_API_KEY": "sk_us_made_up",
        "JUNCTION_BASE_URL": f"http://127.0.0.1:{junction}",
        **SAY_IMPORTS,
    }
    url = f"http://127.0.0.1:{service}"
    api = f"{url}/v1/wearables"
    with (
        running("simulate-junction", "--port", str(junction), folder=folder),
        running("serve", "--port", str(service), folder=folder, environ=environ) as it,
    ):
        minted = call("POST", f"{api}/link/token", token=TOKEN, json_body={"provider": "oura"})
        said = f"http://127.0.0.1:{junction}/_simulator/users/anna/providers/oura"
        send("PUT", said, {}, '{"status": "connected"}')
        link = {"link_token": minted.json["link_token"]}
        linked = call("POST", f"{api}/link/exchange", token=TOKEN, json_body=link)
        knocked = call("GET", f"{api}/connections", patient="anna")
        front = call("GET", f"{url}/", patient="anna")
        return Seen(
            minted=minted, linked=linked, knocked=knocked, front=front, imported=it.imported
        )


async def test_patient_links_a_wearable_with_an_opaque_token_and_nothing_is_stagings(
    tmp_path: Path,
) -> None:
    async with an_authority() as authority:
        authority.tokens[TOKEN] = {"active": True, "sub": "anna", "client_id": "an app"}
        seen = await asyncio.to_thread(link_a_wearable, tmp_path, authority.url)

    assert seen.minted.status == 201
    assert (seen.linked.status, seen.linked.json["status"]) == (201, "connected")
    assert seen.linked.json["patient_id"] == "anna"
    assert (seen.knocked.status, seen.knocked.json["error"]) == (401, "invalid_token")
    assert (seen.front.status, seen.front.json["error"]) == (404, "not_found")
    assert "adapters.identity.introspection" in seen.imported
    assert {name for name in seen.imported if re.search(STAGINGS, name)} == set()
