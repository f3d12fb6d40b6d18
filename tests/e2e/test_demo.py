"""`wearable-link demo`: the whole flow, printed, or a sentence that says what is wrong."""

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Final

import pytest

from entrypoints.demo.transcript import Sent, Transcript
from tests.adapters.upstream import reply, upstream
from tests.authority import CLIENT_ID
from tests.e2e.processes import a_free_port, running
from tests.entrypoints.diagnosed import COMMAND, Ended, wearable_link

JSON: Final = "Content-Type: application/json"
LIVE: Final = reply(200, {"status": "ok"}, JSON)
LINKED: Final = reply(201, {"patient_id": "demo", "provider": "oura"}, JSON)


async def demo(folder: Path, url: str) -> Ended:
    return await wearable_link("demo", "--url", url, folder=folder)


def curls_in(text: str) -> list[list[str]]:
    """Each command line, in words."""
    joined = text.replace(" \\\n", " ").splitlines()
    return [shlex.split(line) for line in joined if line.startswith("curl ")]


@pytest.mark.parametrize("apart", [False, True], ids=["one process", "two processes"])
async def test_whole_flow_is_as_expected_and_may_be_repeated(tmp_path: Path, apart: bool) -> None:  # noqa: FBT001  (a column)
    port, junction = a_free_port(), a_free_port()
    serve = ("serve", "--staging", "--port", str(port))
    environ = {"JUNCTION_BASE_URL": f"http://127.0.0.1:{junction}"} if apart else {}
    url = f"http://127.0.0.1:{port}"
    with (
        running("simulate-junction", "--port", str(junction), folder=tmp_path),
        running(*serve, folder=tmp_path, environ=environ),
    ):
        first = await demo(tmp_path, url)
        again = await demo(tmp_path, url)

    assert (first.code, first.err) == (0, "")
    assert first.out.endswith("\nEvery answer was as expected.\n")
    assert [line for line in first.out.splitlines() if line.startswith("-> ")] == [
        f"-> {status}" for status in (200, 201, 201, 200, 200, 201, 200, 200, 204, 200, 400)
    ]
    assert "\x1b" not in first.out
    assert again.code == 0


async def test_printed_requests_are_what_curl_takes(tmp_path: Path) -> None:
    port = a_free_port()
    with running("serve", "--staging", "--port", str(port), folder=tmp_path):
        ended = await demo(tmp_path, f"http://127.0.0.1:{port}")

    curls = curls_in(ended.out)
    assert len(curls) == 11
    for words in curls:
        flags = {word for word in words[1:] if word.startswith("-")}
        assert flags <= {"-sS", "-X", "-H", "-d"}
    bodies = [json.loads(words[-1]) for words in curls if words[-1].startswith("{")]
    assert bodies[0] == {"link_token": "link-test-connected"}
    assert [words[words.index("-X") + 1] for words in curls if "-X" in words] == ["DELETE"]


async def test_service_that_does_not_run_is_said_how_to_start(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{a_free_port()}"

    ended = await demo(tmp_path, url)

    assert ended.code == 1
    assert ended.err == (
        f"No service answers at {url}. Start the service in another terminal: `make run`, or "
        "`wearable-link serve --staging`.\n"
    )


async def test_service_that_is_not_staging_is_left_alone(tmp_path: Path) -> None:
    port = a_free_port()
    environ = {
        "IDENTITY": "jwt",
        "JWT_ISSUER": "https://identity.example/",
        "JWT_AUDIENCE": CLIENT_ID,
        "JWT_JWKS_URL": f"http://127.0.0.1:{a_free_port()}/",
        "JUNCTION_API_KEY": "sk_us_made_up",
        "JUNCTION_BASE_URL": f"http://127.0.0.1:{a_free_port()}",
    }
    with running("serve", "--port", str(port), folder=tmp_path, environ=environ):
        ended = await demo(tmp_path, f"http://127.0.0.1:{port}")

    assert ended.code == 1
    assert "it is not staging" in ended.err
    assert len(curls_in(ended.out)) == 2


def minted(url: str) -> bytes:
    return reply(201, {"link_token": "token", "link_web_url": f"{url}/link?token=token"}, JSON)


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([reply(200, b"<h1>Welcome</h1>", "Content-Type: text/html")], "another service"),
        ([reply(404, b"")], "answered 404, expected 200"),
        ([reply(200, {"status": "ill"}, JSON)], "`status` of the answer is not 'ok'"),
        ([LIVE, reply(201, {"patient_id": "anna"}, JSON)], "`patient_id` of the answer"),
        ([LIVE, LINKED, reply(502, {"error": "x"}, JSON)], "answered 502, expected 201"),
        ([LIVE, LINKED, reply(201, {"link_token": "token"}, JSON)], "no `link_web_url`"),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], "No service answers"),
    ],
)
async def test_answer_that_is_not_as_expected_ends_it_with_a_sentence(
    tmp_path: Path, answers: list[bytes], says: str
) -> None:
    async with upstream(*answers) as other:
        ended = await demo(tmp_path, other.url)

    assert ended.code == 1
    assert says in ended.err
    assert len(ended.err.splitlines()) == 1


async def test_page_that_is_not_the_simulators_gets_no_sign_in(tmp_path: Path) -> None:
    page = reply(
        200, b"<form><button name=choice value=fail></form>\x1b[2J", "Content-Type: text/html"
    )
    async with upstream() as other:
        other.answers += [LIVE, LINKED, minted(other.url), page]
        ended = await demo(tmp_path, other.url)

    assert ended.code == 1
    assert ended.err.startswith("This is not the simulator's Link page")
    assert len(other.received) == 4
    assert "\x1b" not in ended.out


def test_terminal_gets_colours(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    url = f"http://127.0.0.1:{a_free_port()}"
    subprocess.run(
        [COMMAND, "demo", "--url", url],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    os.close(theirs)

    assert b"\x1b[1m# Is the service there?\x1b[0m" in os.read(ours, 4096)
    os.close(ours)


def test_long_page_is_cut_short(capsys: pytest.CaptureFixture[str]) -> None:
    Transcript(colours=False).answer(200, b"line\n" * 20, "text/html")

    assert capsys.readouterr().out.splitlines()[-1] == "... 6 lines more"


def test_what_curl_does_by_itself_is_left_to_it() -> None:
    sent = Sent(method="POST", url="http://a/b?c=d&e", headers={"A": "it's"}, body="{}")

    assert sent.as_curl() == ("curl -sS 'http://a/b?c=d&e' \\\n  -H 'A: it'\"'\"'s' \\\n  -d '{}'")
