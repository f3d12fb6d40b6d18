"""Refusals as the API document has them, to hold what is answered against."""

import re
from functools import cache

import msgspec

from entrypoints.http.openapi import document
from tests.asgi import Answer


@cache
def refusals() -> dict[tuple[str, str], set[tuple[int, str]]]:
    """By method and template of the path: each status with each error that has an example."""
    api = msgspec.json.decode(document())
    return {
        (method.upper(), path): {
            (int(status), error)
            for status, answer in operation["responses"].items()
            if status >= "400"
            for error in answer["content"]["application/json"]["examples"]
        }
        for path, operations in api["paths"].items()
        for method, operation in operations.items()
    }


def assert_documented(method: str, path: str, answer: Answer) -> None:
    """What an operation refuses with, it says that it may; what reaches none is not its."""
    if answer.status < 400 or not answer.body:
        return
    path, _, _ = path.partition("?")
    for (of_method, template), documented in refusals().items():
        if method == of_method and _fits(path, template):
            assert (answer.status, answer.json["error"]) in documented, (template, answer)


def _fits(path: str, template: str) -> bool:
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path) is not None
