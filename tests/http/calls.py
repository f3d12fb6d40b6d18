"""What these tests ask of the API, and what a refusal looks like."""

from typing import Any, Final

from tests.asgi import Answer, Client

EXCHANGE: Final = "/v1/wearables/link/exchange"
MINT: Final = "/v1/wearables/link/token"
CONNECTIONS: Final = "/v1/wearables/connections"

AS_DEMO: Final = ("authorization", "Bearer staging.demo")
JSON: Final = ("content-type", "application/json")


async def exchange(client: Client, token: str, *, patient: str = "demo", **more: Any) -> Answer:
    return await client.post(EXCHANGE, {"link_token": token, **more}, patient=patient)


async def mint(client: Client, *, patient: str = "demo", **body: Any) -> str:
    """The link token of a mint that worked."""
    answer = await client.post(MINT, body, patient=patient)
    assert answer.status == 201
    return str(answer.json["link_token"])


async def send(client: Client, path: str, body: bytes | list[bytes]) -> Answer:
    """Post bytes that say they are JSON."""
    return await client.request("POST", path, headers=[AS_DEMO, JSON], body=body)


async def connections_of(client: Client, patient: str = "demo") -> list[Any]:
    answer = await client.get(CONNECTIONS, patient=patient)
    assert answer.status == 200
    return list(answer.json["connections"])


def assert_refused(answer: Answer, status: int, error: str) -> None:
    """Status and error are these, and the body holds `error`, `message` and nothing else."""
    assert (answer.status, answer.json.get("error")) == (status, error)
    assert answer.json.keys() == {"error", "message"}
    assert isinstance(answer.json["message"], str)
    assert answer.headers["content-type"] == "application/json"
