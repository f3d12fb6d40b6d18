"""The health checks of the image and of the compose file, run as an engine would run them."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

import pytest

from tests.e2e.processes import a_free_port
from tests.shipping.containerfile import instructions
from tests.shipping.test_compose import COMPOSE

OF_THE_IMAGE: Final = next(each.as_list for each in instructions() if each.name == "HEALTHCHECK")
_, *OF_THE_SERVICE = COMPOSE["services"]["service"]["healthcheck"]["test"]


@contextmanager
def answering(path: str, status: int) -> Iterator[int]:
    """A server that answers `status` there, and 404 elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == path else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def exit_code(command: list[str], port: int) -> int:
    python, *arguments = command
    assert python == "python"
    assert "8000" in arguments[-1]
    arguments[-1] = arguments[-1].replace("8000", str(port))
    told = subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    return told.returncode


@pytest.mark.parametrize(
    ("command", "path"),
    [(OF_THE_IMAGE, "/livez"), (OF_THE_SERVICE, "/readyz")],
    ids=["image", "compose"],
)
def test_a_health_check_ends_as_engines_expect(command: list[str], path: str) -> None:
    with answering(path, 200) as port:
        assert exit_code(command, port) == 0
    with answering(path, 503) as port:
        assert exit_code(command, port) == 1
    assert exit_code(command, a_free_port()) == 1
