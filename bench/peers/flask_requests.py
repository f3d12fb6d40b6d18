"""Flask, requests and sqlite3, with a connection of each kind for every thread."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from flask import Flask, Response, jsonify, request

from bench.peers import common

app = Flask(__name__)


class PerThread(threading.local):
    """What is opened when a thread first asks, and kept."""

    def __init__(self) -> None:
        self.database = sqlite3.connect(os.environ["DATABASE"], isolation_level=None)
        self.database.executescript(common.PRAGMAS)
        self.junction = requests.Session()
        self.junction.headers.update(common.JUNCTION_HEADERS)
        self.junction.trust_env = False  # no look at proxies and .netrc for each request

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        self.database.execute("BEGIN IMMEDIATE")
        with self.database:  # commits, or rolls back
            yield self.database


mine = PerThread()


@app.post(common.EXCHANGE)
def exchange() -> tuple[Response, int]:
    patient_id = common.patient_of(request.headers.get("Authorization"))
    link_token, asked_for = validated(request.get_json(silent=True))
    digest = common.digest(link_token)
    token = mine.database.execute(common.FIND_TOKEN, (digest,)).fetchone()
    if token is None or token[0] != patient_id or token[3] < common.now():
        raise common.invalid_link_token()
    _, user_id, minted_for, _, bound_to = token
    if bound_to is not None:
        stored = mine.database.execute(common.GET_CONNECTION, (bound_to,)).fetchone()
        return jsonify(common.as_json(stored)), 201
    provider = common.chosen(providers(user_id), asked_for or minted_for)

    at = common.now()
    row = (common.new_id(), patient_id, provider, user_id, at)
    with mine.transaction() as database:
        [stored] = database.execute(common.UPSERT, row)
        if database.execute(common.BIND, (stored[0], digest)).rowcount:
            event = (patient_id, stored[0], provider, "exchange", "connected", common.new_id())
            database.execute(common.APPEND, (common.new_id(), at, *event))
    return jsonify(common.as_json(stored)), 201


def validated(body: Any) -> tuple[str, str | None]:  # noqa: ANN401
    if not isinstance(body, dict):
        raise common.invalid_request("body: not a JSON object")
    link_token, provider = body.get("link_token"), body.get("provider")
    if not isinstance(link_token, str) or not link_token:
        raise common.invalid_request("link_token: not a text, or an empty one")
    if provider is not None and provider not in list(common.Provider):
        raise common.invalid_request("provider: not one of ours")
    return link_token, provider


def providers(user_id: str) -> list[tuple[str, str]]:
    url = f"{os.environ['JUNCTION_URL']}/v2/user/providers/{user_id}"
    try:
        response = mine.junction.get(url, timeout=common.TIMEOUT)
        response.raise_for_status()
        return [(row["slug"], row["status"]) for row in response.json()["providers"]]
    except (requests.RequestException, ValueError, LookupError, TypeError) as error:
        raise common.junction_failed() from error


@app.errorhandler(common.Refusal)
def refuse(refusal: common.Refusal) -> tuple[Response, int]:
    return jsonify(refusal.body), refusal.status


@app.after_request
def no_store(response: Response) -> Response:
    response.headers.update(common.NO_STORE)
    return response
