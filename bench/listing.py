"""A patient's connections are listed: three of each of 20,000 patients.

All do the same: they read the bearer token, find three rows by the patient, and spell them out.
This service does so with everything on that it has: an id of the request, limits, metrics.
"""

from typing import Final

import msgspec

from bench import linked
from bench.rounds import Scenario
from bench.upstream import LISTED
from bench.work import Connection
from domain.facts import Status

_PATIENTS: Final = 20_000
_STATUS: Final = {"paused": Status.DISCONNECTED}
_EXPECTED: Final = sorted((slug, _STATUS.get(word, word)) for slug, word in LISTED.items())


class _Connections(msgspec.Struct, forbid_unknown_fields=True):
    connections: list[Connection]


_connections: Final = msgspec.json.Decoder(_Connections)


class Listing:
    """Each of another patient, until it is the first one's turn again."""

    def request(self, n: int) -> bytes:
        return (
            b"GET /v1/wearables/connections HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Authorization: Bearer staging.%b\r\n\r\n" % linked.patient(n % _PATIENTS).encode()
        )

    def fault(self, n: int, status: bytes, body: bytes) -> str | None:
        if status != b"200":
            return status.decode()
        try:
            told = _connections.decode(body).connections
        except msgspec.DecodeError as error:
            return str(error)
        whose = linked.patient(n % _PATIENTS), linked.user(n % _PATIENTS)
        if any((each.patient_id, each.junction_user_id) != whose for each in told):
            return "another patient's"
        listed = sorted((each.provider, each.status) for each in told)
        return None if listed == _EXPECTED else "other connections"


def listing() -> Scenario:
    return Scenario(
        name="listing",
        title="A patient's three connections are listed",
        candidates=linked.three_each(_PATIENTS).candidates(),
        work=Listing(),
        levels=[1, 16, 64],
    )
