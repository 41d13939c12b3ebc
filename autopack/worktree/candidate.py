"""Makes a candidate: a commit of accepted and derived files on no branch, before any check can write anything."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from autopack.core.candidate import Candidate, DerivedFile, DerivedFiles
from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.core.refusal import RefusalCode
from autopack.core.text import Encoding, EncodingError, encode
from autopack.edits.model import AcceptedEdits, EditRefused
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.blobs import blob_id
from autopack.worktree.commit_stream import CommitHead, Gone, KnownBlob, NewBytes, TreeChange, make_commit
from autopack.worktree.git import as_bytes
from autopack.worktree.message import CommitText, message_of
from autopack.worktree.repository import Identity, Repository

RUN_TRAILER: Final = "Autopack-Run"
PHASE_TRAILER: Final = "Autopack-Phase"
ATTEMPT_TRAILER: Final = "Autopack-Attempt"
ASKED_TRAILER: Final = "Autopack-Asked"
OVERRIDE_TRAILER: Final = "Autopack-Override"
FIX_TRAILER: Final = "Autopack-Fix"
_FILE: Final = "100644"
_EXECUTABLE: Final = "100755"


@dataclass(frozen=True)
class Content:
    """What goes into a candidate. ``encodings`` are the base files' own, by path; what is not in it is UTF-8.

    ``fixed`` is what commands had changed before the edits, which then were made on top.
    """

    accepted: AcceptedEdits
    encodings: Mapping[str, Encoding]
    derived: DerivedFiles = field(default_factory=DerivedFiles)
    fixed: DerivedFiles = field(default_factory=DerivedFiles)


@dataclass(frozen=True)
class Stamp:
    """What a commit holds beside its files. ``when`` is epoch seconds; ``ref`` is ``refs/autopack/<run>/<phase>/<attempt>``."""

    text: CommitText
    identity: Identity
    when: float
    ref: str


@dataclass(frozen=True)
class MadeCandidate:
    candidate: Candidate
    tree: BaseTree


def make_candidate(repository: Repository, base: BaseTree, content: Content, stamp: Stamp, *, allow_empty: bool = False) -> MadeCandidate:
    """Makes the commit on top of ``base.commit`` from exactly the given files; the same arguments give the same id.

    A file keeps its mode, also when renamed, unless a diff says another. A new file of which nothing is said is executable if, and
    only if, its text begins with ``#!``.

    Raises:
        AttemptFailed: nothing would change, and ``allow_empty`` does not say that this is fine.
        EditRefused: a text does not fit its file's encoding.
    """
    written = {change.path: change for change in _edits(base, content)}
    by_tools = (_change_of(file, base) for file in content.derived.files)
    derived = {change.path: change for change in by_tools if not _is_same(change, written.get(change.path), base)}
    fixed = {file.path: _change_of(file, base) for file in content.fixed.files}
    changes = [change for change in {**fixed, **written, **derived}.values() if _blob_of(change, base) != _entry_of(change.path, base)]
    if not changes and not allow_empty:
        raise AttemptFailed(FailureKind.NO_CHANGE, "The edits leave every file as it is.")
    signature = _signature(stamp.identity, stamp.when)
    made = make_commit(repository.git, stamp.ref, CommitHead(base.commit, signature, signature, message_of(stamp.text)), changes)
    paths = tuple(sorted(change.path for change in changes))
    made_by_tools = tuple(path for path in paths if path in derived)
    candidate = Candidate(commit=made.commit, tree=made.tree, parent=base.commit, ref=stamp.ref, paths=paths, derived=made_by_tools)
    return MadeCandidate(candidate, base.changed(made, changes))


def _edits(base: BaseTree, content: Content) -> Iterator[TreeChange]:
    fixed = {file.path: file.mode for file in content.fixed.files}
    for path, text in content.accepted.after.items():
        if text is None:
            yield Gone(path)
            continue
        origin = content.accepted.renames.get(path, path)
        try:
            data = encode(text, content.encodings.get(origin, "utf-8"))
        except EncodingError as error:
            raise EditRefused(RefusalCode.ENCODING, str(error), path) from error
        before = next((mode for name in (origin, path) if (mode := fixed.get(name) or _mode_in(base, name))), None)
        yield NewBytes(path, _mode(content.accepted.executable.get(path), before, data), data)


def _mode(said: bool | None, before: str | None, data: bytes) -> str:
    if said is None and before is not None:
        return before
    is_executable = data.startswith(b"#!") if said is None else said
    return _EXECUTABLE if is_executable else _FILE


def _mode_in(base: BaseTree, path: str) -> str | None:
    entry = base.entries.get(path)
    return entry.mode if entry is not None else None


def _change_of(file: DerivedFile, base: BaseTree) -> TreeChange:
    """Makes the change from bytes where they are at hand: a gc may just have removed the blob."""
    if file.blob is None:
        return Gone(file.path)
    data = base.kept.get(file.blob)
    return KnownBlob(file.path, file.mode, file.blob) if data is None else NewBytes(file.path, file.mode, data)


def _is_same(change: TreeChange, other: TreeChange | None, base: BaseTree) -> bool:
    """True where a tool left a file as the edit had made it."""
    return other is not None and _blob_of(change, base) == _blob_of(other, base)


def _blob_of(change: TreeChange, base: BaseTree) -> tuple[str, str] | None:
    match change:
        case Gone():
            return None
        case NewBytes(mode=mode, data=data):
            return mode, blob_id(data, base.commit)
        case KnownBlob(mode=mode, oid=oid):
            return mode, oid


def _entry_of(path: str, base: BaseTree) -> tuple[str, str] | None:
    entry = base.entries.get(path)
    return None if entry is None else (entry.mode, entry.oid)


def _signature(identity: Identity, when: float) -> bytes:
    name = re.sub(r"[<>\0\n]", "", identity.name).strip() or "Autopack"
    email = re.sub(r"[<>\0\n ]", "", identity.email)
    return as_bytes(f"{name} <{email}> {int(when)} +0000")
