"""What is asked of every candidate, and what its answer has to be."""

from dataclasses import dataclass
from typing import Final

import msgspec

from bench import ledger
from bench.upstream import SLUG

_PROVIDER: Final = SLUG


class Connection(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    patient_id: str
    provider: str
    junction_user_id: str
    status: str
    connected_at: str
    last_synced_at: str | None


_connection: Final = msgspec.json.Decoder(Connection)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Each with a token of its own, which nobody has used before."""

    names: ledger.Names = ledger.NAMES

    def request(self, n: int) -> bytes:
        body = b'{"link_token":"%b","provider":"%b"}' % (ledger.token(n).encode(), SLUG.encode())
        return (
            b"POST /v1/wearables/link/exchange HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Authorization: Bearer staging.%b\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (self.names.patient(n).encode(), len(body), body)
        )

    def fault(self, n: int, status: bytes, body: bytes) -> str | None:
        if status != b"201":
            return status.decode()
        try:
            linked = _connection.decode(body)
        except msgspec.ValidationError as error:
            return str(error)
        expected = self.names.patient(n), _PROVIDER, self.names.user(n), "connected"
        told = linked.patient_id, linked.provider, linked.junction_user_id, linked.status
        return None if told == expected else "another connection"
