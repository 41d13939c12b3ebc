"""Makes one commit from a parent and a set of paths, in one process and without an index: ``git fast-import``."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused
from autopack.worktree.git import Git, GitError, as_bytes
from autopack.worktree.whole import made_whole

_CRASH_REPORT: Final = re.compile(r"dumping crash report to (.+fast_import_crash_\d+)")
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/")


@dataclass(frozen=True)
class Gone:
    path: str


@dataclass(frozen=True)
class NewBytes:
    path: str
    mode: str
    data: bytes


@dataclass(frozen=True)
class KnownBlob:
    """``oid`` is in the repository already."""

    path: str
    mode: str
    oid: str


TreeChange = Gone | NewBytes | KnownBlob


@dataclass(frozen=True)
class CommitHead:
    """``author`` and ``committer`` as in a commit object: ``Name <email> 1700000000 +0000``."""

    parent: str
    author: bytes
    committer: bytes
    message: bytes


@dataclass(frozen=True)
class Made:
    commit: str
    tree: str


def make_commit(git: Git, ref: str, head: CommitHead, changes: Iterable[TreeChange]) -> Made:
    """Makes the commit and points ``ref`` at it; the same arguments give the same commit.

    Killed in between, it leaves at most a temporary file below ``objects/``, which git's own ``gc`` removes.

    Raises:
        EditRefused: a path that no commit may hold. The path gate refuses it long before; this is git's own last word.
    """
    stream = b"".join(_stream(ref, head, changes))
    return made_whole(git, head.parent, lambda: _import(git, stream), lambda made: made.commit)


def _stream(ref: str, head: CommitHead, changes: Iterable[TreeChange]) -> Iterable[bytes]:
    yield b"commit %s\nmark :1\nauthor %s\ncommitter %s\n" % (as_bytes(ref), head.author, head.committer)
    yield b"data %d\n%s\nfrom %s\n" % (len(head.message), head.message, head.parent.encode())
    ordered = sorted(changes, key=lambda change: (not isinstance(change, Gone), as_bytes(change.path)))  # a file may become a directory
    for change in ordered:
        path = _quoted(change.path)
        match change:
            case Gone():
                yield b"D %s\n" % path
            case NewBytes(mode=mode, data=data):
                yield b"M %s inline %s\ndata %d\n%s\n" % (mode.encode(), path, len(data), data)
            case KnownBlob(mode=mode, oid=oid):
                yield b"M %s %s %s\n" % (mode.encode(), oid.encode(), path)
    yield b'\nget-mark :1\nls :1 ""\ndone\n'


def _import(git: Git, stream: bytes) -> Made:
    try:
        output = git.run("-c", "fastimport.unpackLimit=1000000", "fast-import", "--quiet", "--force", "--done", stdin=stream)
    except (GitError, EnvironmentBlockedError) as error:
        refusal = error if isinstance(error, GitError) else error.__cause__
        if isinstance(refusal, GitError):
            _tidy(git, refusal.stderr)
        raise
    commit, listing = output.decode("ascii").rstrip("\n").split("\n")
    return Made(commit, listing.partition("\t")[0].split(" ")[2])


def _tidy(git: Git, said: str) -> None:
    """Its report of the crash, and the marks of packs that it did not get to: with one of them the same import fails for ever."""
    report = _CRASH_REPORT.search(said)
    if report is None:
        return
    (git.directory / Path(report[1])).unlink(missing_ok=True)
    packs = git.directory / git.line("rev-parse", "--git-path", "objects/pack")
    for mark in packs.glob("pack-*.keep"):
        with suppress(FileNotFoundError):
            if not mark.with_suffix(".pack").exists() and mark.read_bytes().strip() == b"fast-import":
                mark.unlink()


def _quoted(path: str) -> bytes:
    if {"", ".", "..", ".git", "git~1"} & {part.lower() for part in path.split("/")} or "\0" in path:
        raise EditRefused(RefusalCode.PATH_GATE, "A commit cannot hold this path; choose another one.", path)
    raw = as_bytes(path)
    if all(byte in _PLAIN for byte in raw):
        return raw
    return b'"' + b"".join(b"%c" % byte if byte in _PLAIN else b"\\%03o" % byte for byte in raw) + b'"'
