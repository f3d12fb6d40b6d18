"""Junction through aiohttp, with one session for the process."""

import os

import aiohttp

from bench.peers import common


def open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        os.environ["JUNCTION_URL"],
        headers=common.JUNCTION_HEADERS,
        timeout=aiohttp.ClientTimeout(total=common.TIMEOUT),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def providers(junction: aiohttp.ClientSession, user_id: str) -> list[tuple[str, str]]:
    try:
        async with junction.get(f"/v2/user/providers/{user_id}") as response:
            response.raise_for_status()
            listed = await response.json()
            return [(row["slug"], row["status"]) for row in listed["providers"]]
    except (aiohttp.ClientError, TimeoutError, ValueError, LookupError, TypeError) as error:
        raise common.junction_failed() from error
