"""The whole flow over real sockets: service, simulated Junction, a browser's requests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from tests.e2e.processes import a_free_port, running
from tests.e2e.requests import Answer, call, send

BACK = "https://app.example/linked?screen=wearables"


@dataclass(frozen=True)
class Servers:
    service: str
    junction: str


@pytest.fixture(scope="module", params=["one process", "two processes"])
def servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    """Junction mounted in the service, or on a socket of its own behind the HTTP adapter."""
    folder: Path = tmp_path_factory.mktemp("servers")
    service, junction = a_free_port(), a_free_port()
    serve = ("serve", "--staging", "--port", str(service))
    environ = {"JUNCTION_DEADLINE_SECONDS": "1"}
    url = f"http://127.0.0.1:{service}"
    if request.param == "one process":
        with running(*serve, folder=folder, environ=environ):
            yield Servers(url, f"{url}/junction")
        return
    at = f"http://127.0.0.1:{junction}"
    with (
        running("simulate-junction", "--port", str(junction), folder=folder),
        running(*serve, folder=folder, environ=environ | {"JUNCTION_BASE_URL": at}),
    ):
        yield Servers(url, at)


def mint(servers: Servers, patient: str, **body: str) -> Answer:
    return call(
        "POST", f"{servers.service}/v1/wearables/link/token", patient=patient, json_body=body
    )


def exchange(servers: Servers, patient: str, token: str, **body: str) -> Answer:
    return call(
        "POST",
        f"{servers.service}/v1/wearables/link/exchange",
        patient=patient,
        json_body={"link_token": token, **body},
    )


def click(page_url: str, choice: str) -> Answer:
    """Open Link as a browser would, and press the button for `choice`."""
    page = send("GET", page_url, {})
    assert page.status == 200, page.body
    assert f'value="{choice}"' in page.body
    action = re.search(r'<form method="post" action="([^"]+)"', page.body)
    token = re.search(r'name="token" value="([^"]+)"', page.body)
    assert action
    assert token
    form = urlencode({"token": unescape(token[1]), "choice": choice})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return send("POST", urljoin(page_url, unescape(action[1])), headers, form)


def test_patient_links_a_wearable(servers: Servers) -> None:
    minted = mint(servers, "anna", provider="garmin", redirect_url=BACK)
    assert minted.status == 201
    assert minted.json["link_web_url"].startswith(servers.junction)

    back = click(minted.json["link_web_url"], "garmin")
    assert back.status == 303
    parts = urlsplit(back.headers["location"])
    assert parts.netloc == "app.example"
    assert parse_qs(parts.query) == {"screen": ["wearables"], "state": ["success"]}

    linked = exchange(servers, "anna", minted.json["link_token"])
    assert linked.status == 201
    assert linked.json["provider"] == "garmin"
    assert linked.json["status"] == "connected"
    listed = call("GET", f"{servers.service}/v1/wearables/connections", patient="anna")
    assert listed.json == {"connections": [linked.json]}


def test_patient_who_chose_in_link_need_not_name_the_provider(servers: Servers) -> None:
    minted = mint(servers, "ben", redirect_url=BACK)
    click(minted.json["link_web_url"], "whoop_v2")

    linked = exchange(servers, "ben", minted.json["link_token"])

    assert (linked.status, linked.json["provider"]) == (201, "whoop")


def test_link_that_failed_makes_no_connection_and_may_be_tried_again(servers: Servers) -> None:
    minted = mint(servers, "cleo", redirect_url=BACK)
    back = click(minted.json["link_web_url"], "fail")
    assert parse_qs(urlsplit(back.headers["location"]).query)["state"] == ["error"]

    refused = exchange(servers, "cleo", minted.json["link_token"])
    assert (refused.status, refused.json["error"]) == (400, "provider_undetermined")

    click(minted.json["link_web_url"], "oura")
    assert exchange(servers, "cleo", minted.json["link_token"]).json["status"] == "connected"


@pytest.mark.parametrize(
    ("token", "status", "said"),
    [
        ("link-test-connected", 201, "connected"),
        ("link-test-pending", 201, "pending"),
        ("link-test-error", 201, "error"),
        ("link-test-expired", 400, "link_token_expired"),
        ("link-test-foreign", 400, "invalid_link_token"),
        ("link-test-junction-down", 502, "junction_unavailable"),
        ("link-test-junction-slow", 502, "junction_timeout"),
    ],
)
def test_well_known_token_answers_as_documented(
    servers: Servers, token: str, status: int, said: str
) -> None:
    answer = exchange(servers, "demo", token)

    assert answer.status == status
    assert said in {answer.json.get("status"), answer.json.get("error")}
