"""Writes git's index without git: what is tracked and how it lies on disk.

Version 2 of https://git-scm.com/docs/index-format, without extensions. A git that reads it finds every file unchanged as long as
nobody wrote to it, and no git has to read a work tree in which a command of the plan may have left anything.
"""

import hashlib
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

from autopack.worktree.git import as_bytes
from autopack.worktree.manifest import Entry

_HEAD: Final = struct.Struct(">4sLL")
_STAT: Final = struct.Struct(">10L")
_NAME_MAX: Final = 0xFFF
_SHA1_HEX_LENGTH: Final = 40
_WORD: Final = 0xFFFFFFFF
_S: Final = 1_000_000_000


class Tracked(NamedTuple):
    """``mode`` as git prints it; ``disk`` is None where the file does not lie there as git would leave it."""

    path: str
    mode: str
    oid: str
    disk: Entry | None = None


def index_bytes(entries: Iterable[Tracked], like: str) -> bytes:
    """The whole file. ``like`` is an id of the repository, whose length tells its object format."""
    name = "sha1" if len(like) == _SHA1_HEX_LENGTH else "sha256"
    rows = sorted((as_bytes(entry.path), entry) for entry in entries)
    parts = [_HEAD.pack(b"DIRC", 2, len(rows))]
    for path, entry in rows:
        row = _STAT.pack(*_figures(entry)) + bytes.fromhex(entry.oid) + struct.pack(">H", min(len(path), _NAME_MAX)) + path
        parts.append(row + b"\0" * (8 - len(row) % 8))
    body = b"".join(parts)
    return body + hashlib.new(name, body, usedforsecurity=False).digest()


def _figures(entry: Tracked) -> tuple[int, ...]:
    mode, disk = int(entry.mode, 8), entry.disk
    if mode == 0o100664:  # noqa: PLR2004 - written by very old git
        mode = 0o100644
    if disk is None:
        return (*(0,) * 6, mode, 0, 0, 0)
    times = (*divmod(disk.ctime_ns, _S), *divmod(disk.mtime_ns, _S))
    figures = (*times, disk.device, disk.inode, mode, disk.uid, disk.gid, disk.size)
    return tuple(figure & _WORD for figure in figures)
