"""One check, or all, over settings that a test has made wrong on purpose."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from entrypoints.container import create_container
from entrypoints.doctor.checkup import CHECKS
from entrypoints.doctor.examined import Examined, examined
from entrypoints.doctor.finding import Finding
from entrypoints.environment import Environment
from entrypoints.settings import read_settings

COMMAND: Final = str(Path(sys.executable).with_name("wearable-link"))

KEY: Final = "sk_us_made_up"
SECRET: Final = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="
PASSWORD: Final = "pass-canary"

KEPT: Final = (KEY, SECRET.removeprefix("whsec_"), PASSWORD)


class Ended(NamedTuple):
    code: int
    out: str
    err: str


def patient(
    environ: Mapping[str, str], *, staging: bool = False, url: str | None = None
) -> Examined:
    env = Environment(environ)
    settings = read_settings(env, staging=staging, public_url="")
    return examined(settings, env.problems, create_container(settings), url)


async def diagnose(
    name: str, environ: Mapping[str, str], *, staging: bool = False, url: str | None = None
) -> Finding:
    """What one check says; never a secret."""
    finding = await CHECKS[name](patient(environ, staging=staging, url=url))
    told = f"{finding.says} {finding.advice}"
    hidden = [*KEPT, environ.get("JUNCTION_API_KEY"), environ.get("INTROSPECTION_CLIENT_SECRET")]
    assert not [each for each in hidden if each and each in told]
    assert "\n" not in told
    assert bool(finding.advice) == (finding.state != "green")
    return finding


async def wearable_link(*arguments: str, folder: Path, **environ: str) -> Ended:
    """The installed command, as a process of its own."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name == "PATH" or name.startswith("COVERAGE")
    }
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        cwd=folder,
        env=inherited | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())
