"""Makes a candidate again on a head that has moved, as long as nobody else touched its files."""

import re
from dataclasses import dataclass, replace
from typing import Final

from autopack.core.candidate import Candidate, DerivedFile, DerivedFiles
from autopack.worktree.commit_stream import CommitHead, Gone, KnownBlob, TreeChange, make_commit
from autopack.worktree.git import Git, split_z
from autopack.worktree.repository import Repository

_GONE: Final = "000000"
_SHOWN: Final = 5


class Conflict(Exception):  # noqa: N818 - an outcome that the executor answers, not an error
    """The new head changed files that the candidate changes too. ``paths`` are the candidate's."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        shown = ", ".join(paths[:_SHOWN]) + (" and more" if len(paths) > _SHOWN else "")
        super().__init__(f"The branch has moved and changed {shown}, which this change touches too.")
        self.paths = paths


@dataclass(frozen=True)
class RawChange:
    """One path of a commit's own difference from its parent: the mode and the blob id that it has in the commit."""

    path: str
    new_mode: str
    new_oid: str


def rebase_onto(repository: Repository, candidate: Candidate, new_head: str, ref: str) -> Candidate:
    """Makes the candidate's own changes on top of ``new_head``: same files, message, author and dates; another parent.

    ``ref`` keeps the result: ``refs/autopack/<run>/<phase>/<attempt>.<n>``.

    Raises:
        Conflict: ``new_head`` has other versions of the files than the candidate started from.
    """
    git = repository.git
    changes = own_changes(git, candidate.parent, candidate.commit)
    touched = _touching(changes, {change.path for change in own_changes(git, candidate.parent, new_head)})
    if touched:
        raise Conflict(touched)
    made = make_commit(git, ref, _head_of(git, candidate.commit, new_head), [_tree_change(change) for change in changes])
    return candidate.model_copy(update={"commit": made.commit, "tree": made.tree, "parent": new_head, "ref": ref})


def with_trailer(repository: Repository, candidate: Candidate, trailer: tuple[str, str], ref: str) -> Candidate:
    """The same change on the same parent, with one more trailer at the end of its message."""
    git = repository.git
    head = _head_of(git, candidate.commit, candidate.parent)
    message = head.message.rstrip(b"\n") + f"\n{trailer[0]}: {trailer[1]}\n".encode()
    changes = [_tree_change(change) for change in own_changes(git, candidate.parent, candidate.commit)]
    made = make_commit(git, ref, replace(head, message=message), changes)
    return candidate.model_copy(update={"commit": made.commit, "tree": made.tree, "ref": ref})


def own_changes(git: Git, parent: str, commit: str) -> tuple[RawChange, ...]:
    """The paths that differ between two commits, without guessing at renames."""
    parts = split_z(git.run("diff-tree", "-r", "-z", "--raw", "--full-index", "--no-renames", parent, commit))
    rows = zip(parts[::2], parts[1::2], strict=True)
    return tuple(RawChange(path, *row.split(" ")[1:4:2]) for row, path in rows)


def changed_files(git: Git, candidate: Candidate) -> DerivedFiles:
    """What a candidate changes, as files that are put into another one."""
    changes = own_changes(git, candidate.parent, candidate.commit)
    kept = (DerivedFile(path=change.path, blob=change.new_oid, mode=change.new_mode) for change in changes if change.new_mode != _GONE)
    gone = (DerivedFile(path=change.path, blob=None) for change in changes if change.new_mode == _GONE)
    return DerivedFiles(files=(*kept, *gone))


def _touching(changes: tuple[RawChange, ...], moved: set[str]) -> tuple[str, ...]:
    """The candidate's paths that the new head changed, or that lie above or below something it changed."""
    above = {parent for path in moved for parent in _parents(path)}
    return tuple(change.path for change in changes if {change.path, *_parents(change.path)} & moved or change.path in above)


def _parents(path: str) -> list[str]:
    return [path[: match.start()] for match in re.finditer("/", path)]


def _tree_change(change: RawChange) -> TreeChange:
    return Gone(change.path) if change.new_mode == _GONE else KnownBlob(change.path, change.new_mode, change.new_oid)


def _head_of(git: Git, commit: str, parent: str) -> CommitHead:
    header, _, message = git.run("cat-file", "commit", commit).partition(b"\n\n")
    fields = dict(line.split(b" ", 1) for line in header.split(b"\n") if line.startswith((b"author ", b"committer ")))
    return CommitHead(parent, fields[b"author"], fields[b"committer"], message)
