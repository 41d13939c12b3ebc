"""Reads blobs and keeps those read lately in memory, computes their ids, and writes bytes into git's object store as they are."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from autopack.worktree.git import Git, GitError, as_text
from autopack.worktree.repository import Repository

KEPT_BYTES: Final = 16 << 20
_SHA1_HEX_LENGTH: Final = 40


@dataclass
class KeptBlobs:
    """Blobs by their ids: an attempt asks for the same few files again and again. Drops the oldest where they are too many."""

    most_bytes: int = KEPT_BYTES
    _found: dict[str, bytes] = field(default_factory=dict)
    _bytes: int = 0

    def get(self, oid: str) -> bytes | None:
        return self._found.get(oid)

    def keep(self, blobs: Mapping[str, bytes]) -> None:
        for oid, data in blobs.items():
            if oid not in self._found and len(data) <= self.most_bytes:
                self._found[oid] = data
                self._bytes += len(data)
        while self._bytes > self.most_bytes:
            self._bytes -= len(self._found.pop(next(iter(self._found))))


def blob_id(data: bytes, like: str) -> str:
    """The id git gives these bytes, in the object format of the id ``like``."""
    blob = b"blob %d\0%s" % (len(data), data)
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest() if len(like) == _SHA1_HEX_LENGTH else hashlib.sha256(blob).hexdigest()


def read_blobs(git: Git, oids: Iterable[str]) -> dict[str, bytes]:
    """The bytes of blobs that are in the repository, in one process."""
    return parse_blobs(git.run("cat-file", "--batch", "--buffer", stdin="".join(f"{oid}\n" for oid in oids).encode()))


def store_blob(repository: Repository, data: bytes) -> str:
    """The id under which git now keeps the bytes."""
    return as_text(repository.git.run("hash-object", "-w", "--stdin", stdin=data)).strip()


def parse_blobs(output: bytes) -> dict[str, bytes]:
    r"""Parses ``<oid> blob <size>\n<bytes>\n``, repeated. Raises GitError for ``<oid> missing``."""
    found: dict[str, bytes] = {}
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        oid, kind, *more = output[position:end].decode("ascii").split(" ")
        if not more:
            raise GitError(("cat-file",), 0, f"{oid} is not in the repository: {kind}")
        start = end + 1
        found[oid] = output[start : start + int(more[0])]
        position = start + int(more[0]) + 1
    return found
