"""Requests from outside, by the standard library alone."""

import json
import shlex
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def send(method: str, url: str, headers: dict[str, str], body: str | None = None) -> Answer:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=20)
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        sent = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, sent, response.read().decode())
    finally:
        connection.close()


def call(
    method: str,
    url: str,
    *,
    patient: str = "demo",
    token: str | None = None,
    json_body: object = None,
) -> Answer:
    """A call of the API with a bearer token, or by a patient of staging."""
    headers = {"Authorization": f"Bearer {token or f'staging.{patient}'}"}
    if json_body is None:
        return send(method, url, headers)
    headers["Content-Type"] = "application/json"
    return send(method, url, headers, json.dumps(json_body))


def send_curl(command: str) -> Answer:
    """Send what a `curl` command line would; a machine with Python alone has no curl."""
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:2] == ["curl", "-sS"]
    url, options = words[2], words[3:]
    headers: dict[str, str] = {}
    body = None
    for flag, value in zip(options[::2], options[1::2], strict=True):
        match flag:
            case "-H":
                name, _, content = value.partition(": ")
                headers[name] = content
            case "-d":
                body = value
            case _:
                raise AssertionError(flag)
    return send("POST" if body else "GET", url, headers, body)
