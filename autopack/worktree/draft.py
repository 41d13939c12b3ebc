"""Keeps the draft of a work tree: a commit of accepted edits and of what tools made from them, under a ref that no gc removes."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from autopack.core.candidate import DerivedFile, DerivedFiles
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.blobs import blob_id
from autopack.worktree.candidate import Content, MadeCandidate, Stamp, make_candidate
from autopack.worktree.commit_stream import CommitHead, Gone, NewBytes, make_commit
from autopack.worktree.message import CommitText
from autopack.worktree.repository import Identity, Repository

_DRAFTER: Final = Identity("Autopack", "autopack@localhost")
_SIGNATURE: Final = b"Autopack <autopack@localhost> 0 +0000"


def draft_ref(place: Path) -> str:
    """``place`` is ``<...>/<run-id>/<slot>``."""
    return f"refs/autopack/{place.parent.name}/_draft/{place.name}"


def make_draft(repository: Repository, base: BaseTree, content: Content, ref: str) -> MadeCandidate:
    return make_candidate(repository, base, content, Stamp(CommitText("Draft"), _DRAFTER, 0, ref), allow_empty=True)


def keep_made(repository: Repository, drafted: BaseTree, changes: Sequence[NewBytes | Gone], ref: str) -> DerivedFiles:
    """Stores what a tool made of the draft, under a ref at once; keeps the bytes in memory too."""
    if changes:
        make_commit(repository.git, ref, CommitHead(drafted.commit, _SIGNATURE, _SIGNATURE, b"Made\n"), changes)
    drafted.kept.keep({blob_id(change.data, drafted.commit): change.data for change in changes if isinstance(change, NewBytes)})
    return DerivedFiles(files=tuple(_derived(change, drafted.commit) for change in changes))


def _derived(change: NewBytes | Gone, like: str) -> DerivedFile:
    if isinstance(change, Gone):
        return DerivedFile(path=change.path, blob=None, mode="100644")
    return DerivedFile(path=change.path, blob=blob_id(change.data, like), mode=change.mode)


def forget_draft(repository: Repository, place: Path) -> None:
    """Removes the draft's ref, if possible without ``update-ref -d``: killed, that leaves ``packed-refs.lock`` behind."""
    name = draft_ref(place)
    loose = repository.common_dir / name
    loose.unlink(missing_ok=True)
    with suppress(OSError):  # other slots have drafts of their own
        loose.parent.rmdir()
    if repository.git.attempt("rev-parse", "--verify", "--quiet", name).exit_code == 0:
        repository.git.run("update-ref", "-d", name)
