"""What an SQLite file in WAL mode was at when its process was killed (sqlite.org, walformat)."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_HEADER: Final = struct.Struct(">8I")  # magic, version, page size, checkpoint, salts, checksums
_FRAME: Final = struct.Struct(">6I")  # page, pages after a commit or 0, salts, checksums
_CHECKPOINT: Final = struct.Struct("=I28xI")  # at 96 of the index: done, attempted
_CHECKPOINT_AT: Final = 96


def caught_at(wal: Path, index: Path) -> list[str]:
    """Whether a commit was half written, or a checkpoint under way."""
    caught = []
    frames = list(_frames(wal))
    if frames and not frames[-1]:
        caught.append("a commit half written")
    if index.exists() and index.stat().st_size > _CHECKPOINT_AT + _CHECKPOINT.size:
        done, attempted = _CHECKPOINT.unpack_from(index.read_bytes(), _CHECKPOINT_AT)
        if done < attempted:
            caught.append("a checkpoint under way")
    return caught


def _frames(wal: Path) -> Iterator[bool]:
    """Of each frame written since the last reset, whether it ends a commit."""
    content = wal.read_bytes() if wal.exists() else b""
    if len(content) < _HEADER.size:
        return
    _, _, page_size, _, *salts, _, _ = _HEADER.unpack_from(content)
    for at in range(_HEADER.size, len(content) - _FRAME.size + 1, _FRAME.size + page_size):
        _, pages, *rest = _FRAME.unpack_from(content, at)
        if rest[:2] != salts:
            return
        yield pages > 0
