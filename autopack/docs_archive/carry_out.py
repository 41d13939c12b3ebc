"""Carries a consolidation out, goes on with one that was killed, and undoes it: file by file, as its manifest says.

Files are written first, then git's index is told, and only then is anything taken away. Each step is safe to repeat: a file that is
as it should be is passed over, one that is neither as it was nor as it should be stops everything before anything is touched.
"""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.docs_archive.archives import read_at
from autopack.docs_archive.consolidate import Consolidation
from autopack.docs_archive.document import sha256_of
from autopack.docs_archive.manifest import FileChange, Manifest, Manifests
from autopack.edits.model import EditRefused
from autopack.settings.own_files import RECORDS, hide_from_git
from autopack.worktree.disk_files import opened_root, read_file
from autopack.worktree.disk_writes import DiskChange, write_all
from autopack.worktree.git import split_z
from autopack.worktree.repository import Repository

_LEFT_OVER: Final = re.compile(r"\.autopack-[0-9a-f]{16}")


@dataclass(frozen=True)
class _Wanted:
    """One file as it is to be, and as it may be now."""

    path: str
    now: str | None
    wanted: str | None
    permissions: int


def carry_out(repository: Repository, manifests: Manifests, made: Consolidation) -> Manifest:
    manifest = manifests.begin(made, _index_of(repository, [one.path for one in made.changes if one.is_tracked]))
    return finish(repository, manifests, manifest)


def finish(repository: Repository, manifests: Manifests, manifest: Manifest) -> Manifest:
    """Goes on with what the manifest says was begun, doing or undoing, to its end."""
    is_undo = manifest.state == "undoing"
    wanted = [_wanted(change, is_undo=is_undo) for change in (reversed(manifest.changes) if is_undo else manifest.changes)]
    _remove_left_over(repository.top, [one.path for one in wanted])
    _judge(repository.top, wanted, is_undo=is_undo)
    if any(not change.is_tracked for change in manifest.changes):
        hide_from_git(repository.top / RECORDS)
    for one in wanted:
        if one.wanted is not None:
            _put(repository.top, manifests, manifest, one)
    _tell_git(repository, manifest, is_undo=is_undo)
    for one in wanted:
        if one.wanted is None:
            _put(repository.top, manifests, manifest, one)
    _remove_left_over(repository.top, [one.path for one in wanted])
    _remove_empty(repository.top, [one.path for one in wanted])
    ended = manifest.model_copy(update={"state": "undone" if is_undo else "done"})
    manifests.write(ended)
    return ended


def undo(repository: Repository, manifests: Manifests, manifest: Manifest) -> Manifest:
    """Raises EnvironmentBlockedError, with nothing changed, where a file was changed since."""
    undoing = manifest.model_copy(update={"state": "undoing"})
    if manifest.state == "done":
        _judge(repository.top, [_wanted(change, is_undo=True) for change in manifest.changes], is_undo=True)
    manifests.write(undoing)
    return finish(repository, manifests, undoing)


def _wanted(change: FileChange, *, is_undo: bool) -> _Wanted:
    now, wanted = (change.after, change.before) if is_undo else (change.before, change.after)
    return _Wanted(change.path, now, wanted, change.permissions)


def _judge(top: Path, wanted: Iterable[_Wanted], *, is_undo: bool) -> None:
    for one in wanted:
        data = read_at(top, one.path)
        found = sha256_of(data) if data is not None else None
        if found not in (one.now, one.wanted):
            what = "undone" if is_undo else "gone on with"
            raise EnvironmentBlockedError(
                f"{top / one.path} is neither as it was before the consolidation nor as it was left, so nothing is {what}. "
                "Take your change back, or copy it elsewhere, then give the command again."
            )


def _put(top: Path, manifests: Manifests, manifest: Manifest, one: _Wanted) -> None:
    data = manifests.content(manifest, one.wanted)
    try:
        with opened_root(top) as root:
            there = read_file(root, one.path)
            if (there.data if there else None) != data:
                write_all(root, [DiskChange(one.path, data, there.identity if there else None, one.permissions)])
    except EditRefused as error:
        raise EnvironmentBlockedError(f"{top / one.path}: {error.message} Then give the command again.") from error


def _index_of(repository: Repository, paths: Iterable[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(paths)
    for row in split_z(repository.git.run("ls-files", "--stage", "-z")):
        fields, _, path = row.partition("\t")
        mode, blob, stage = fields.split(" ")
        if path in found and stage != "0":
            raise EnvironmentBlockedError(f"{path} is in the midst of a merge. End it (git commit, or git merge --abort), then try again.")
        if path in found:
            found[path] = f"{mode} {blob}"
    return found


def _tell_git(repository: Repository, manifest: Manifest, *, is_undo: bool) -> None:
    """Moves the entries of tracked files in one write of the index, and adds what was written beside them. Nothing is committed."""
    if is_undo:
        rows = dict(manifest.index)
    else:
        rows = {target: manifest.index[source] for source, target in manifest.moves}
        rows |= dict.fromkeys((source for source, _ in manifest.moves), None)
    if not any(rows.values()):
        return
    nothing = "0 " + "0" * max(len(entry.partition(" ")[2]) for entry in rows.values() if entry)
    told = "".join(f"{entry or nothing}\t{path}\0" for path, entry in rows.items())
    repository.git.run("update-index", "-z", "--index-info", stdin=told.encode("utf-8", "surrogateescape"))
    written = [one.path for one in manifest.changes if one.is_tracked and one.after is not None and one.path not in rows]
    if written and not is_undo:
        repository.git.run("add", "--force", "--", *written)


def _remove_left_over(top: Path, paths: Iterable[str]) -> None:
    """What a killed write left beside a file; the manifest keeps its bytes."""
    for folder in {PurePosixPath(path).parent for path in paths}:
        with suppress(OSError):
            for name in os.listdir(top / folder):  # noqa: PTH208 - names are all it takes
                if _LEFT_OVER.fullmatch(name):
                    (top / folder / name).unlink()


def _remove_empty(top: Path, paths: Iterable[str]) -> None:
    for folder in sorted({parent for path in paths for parent in PurePosixPath(path).parents}, key=lambda one: -len(one.parts)):
        if folder.parts:
            with suppress(OSError):
                (top / folder).rmdir()
