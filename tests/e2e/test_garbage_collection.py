"""What Python's collector is told once a server is up (docs/adr/0016)."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
ADR: Final = ROOT / "docs" / "adr" / "0016-fewer-timers-and-writes.md"

# A server of ours around an app that says, once it is told to stop, what it finds.
PROGRAM: Final = """
import gc, os, signal, socket
from entrypoints.server import serve

async def app(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    before = gc.get_freeze_count()
    os.kill(os.getpid(), signal.SIGTERM)
    await receive()
    print(before, gc.get_freeze_count(), gc.isenabled(), gc.get_threshold()[0])
    await send({"type": "lifespan.shutdown.complete"})

with socket.create_server(("127.0.0.1", 0)) as listener:
    serve(app, listeners=[listener], greeting=None)
"""


def test_what_start_up_made_is_frozen_and_the_rest_collected_as_seldom_as_decided() -> None:
    decided = re.search(r"`gc\.freeze\(\)`, and .* only after ([\d,]+) new", ADR.read_text())
    assert decided

    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, check=True, capture_output=True, text=True
    )

    before, frozen, enabled, threshold = ended.stdout.split()
    assert (int(before), int(frozen) > 10_000) == (0, True)
    assert (enabled, threshold) == ("True", decided[1].replace(",", ""))
