"""Restores a work tree to its target: a commit's files, and what set-up left."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from autopack.edits.model import EditRefused
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.disk_files import opened_parent, opened_root, usable_parent
from autopack.worktree.index_file import Tracked
from autopack.worktree.manifest import Differences, Entry, Manifest, above, entry_of, look, scan
from autopack.worktree.removing import empty, remove_at
from autopack.worktree.target import Laid, Target

CheckedOut = Callable[[list[str]], AbstractContextManager[Path]]
"""A folder with files of a commit as a checkout writes them."""


@dataclass
class LaidFiles:
    """What was put into the tree, as it lies there. A new process knows what is kept of set-up, and writes the commit's files again.

    ``entries`` are tracked files and folders on the way to them; ``made`` is what set-up left, ``made_as`` the same as it was kept.
    """

    commit: str = ""
    kept: int = 0
    laid: Laid = field(default_factory=dict)
    attributes: Laid = field(default_factory=dict)
    entries: Manifest = field(default_factory=dict)
    made: Manifest = field(default_factory=dict)
    made_as: Manifest = field(default_factory=dict)
    newest_ns: int = 0

    def known(self) -> Manifest:
        return {**self.entries, **self.made}

    def stands_on(self, made: Manifest, kept: int) -> None:
        """Assumes that what set-up left lies there as it was kept; a comparison finds it if not."""
        self.made, self.made_as, self.kept = dict(made), dict(made), kept
        self.newest_ns = max((entry.ctime_ns for entry in made.values()), default=self.newest_ns)

    def tracked(self, tree: BaseTree) -> Iterator[Tracked]:
        """The commit's entries for git's index."""
        for path, entry in tree.entries.items():
            yield Tracked(path, entry.mode, entry.oid, self.entries.get(path) if entry.type == "blob" else None)

    def forget(self, paths: Iterable[str]) -> None:
        for path in paths:
            self.laid.pop(path, None)
            self.entries.pop(path, None)
            self.made.pop(path, None)
            self.made_as.pop(path, None)


@dataclass(frozen=True)
class RestoredFolder:
    """One folder that commands may write; other code restores the paths in ``without``.

    ``put_back`` makes kept paths again below a descriptor. ``checked_out`` gives a folder with files of the commit as a checkout writes
    them; it and ``bin_`` lie on the folder's own disk.
    """

    root: Path
    bin_: Path
    put_back: Callable[[int, list[str]], Manifest]
    checked_out: CheckedOut
    without: frozenset[str] = frozenset()


def differences(root: Path, laid: LaidFiles, without: frozenset[str]) -> Differences:
    with opened_root(root) as root_fd:
        return look(root_fd, laid.known(), without)


def beyond_the_commit(root: Path, laid: LaidFiles, without: frozenset[str]) -> Manifest:
    """Everything that lies there but the commit's own files and folders."""
    with opened_root(root) as root_fd:
        return {path: entry for path, entry in scan(root_fd, without).items() if path not in laid.entries}


def bring(laid: LaidFiles, found: Differences, target: Target, root: RestoredFolder) -> None:
    """Makes the folder exactly its target. It may be killed at any instant and begun again."""
    with opened_root(root.root) as root_fd:
        _remove(root_fd, laid, found, target, root.bin_)
        while found.is_cut:
            found = look(root_fd, laid.known(), root.without)
            _remove(root_fd, laid, found, target, root.bin_)
        _make_folders(root_fd, laid, target)
        placed = _put_back(root_fd, laid, target, root)
        placed |= _lay(root_fd, laid, target, root)
    laid.attributes = target.attributes
    laid.newest_ns = max((entry.ctime_ns for entry in placed.values()), default=laid.newest_ns)


def _remove(root_fd: int, laid: LaidFiles, found: Differences, target: Target, bin_: Path) -> None:
    """Removes what does not belong there, or is there as something else; restores the folders' modes."""
    swapped = [path for path in sorted(found.changed) if not _is_folder_again(root_fd, laid, path)]
    laid.forget((*swapped, *found.gone))
    surplus = _surplus(laid, target)
    removed: set[str] = set()
    for path in sorted({*found.new, *swapped, *surplus}, key=len):
        if removed.isdisjoint(above(path)):
            removed.add(path)
            with suppress(FileNotFoundError, EditRefused), usable_parent(root_fd, path) as (parent_fd, leaf):
                remove_at(parent_fd, leaf, bin_)
    laid.forget(surplus)
    empty(bin_)


def _is_folder_again(root_fd: int, laid: LaidFiles, path: str) -> bool:
    """True where a folder is still a folder; restores its mode then."""
    before = (laid.made.get(path) or laid.entries[path]).mode
    with opened_parent(root_fd, path) as (parent_fd, leaf):
        if not (stat.S_ISDIR(before) and stat.S_ISDIR(os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False).st_mode)):
            return False
        os.chmod(leaf, stat.S_IMODE(before), dir_fd=parent_fd)
    return True


def _surplus(laid: LaidFiles, target: Target) -> list[str]:
    """Known paths that the target does not have. A folder may pass from the commit to set-up, and back, with all that lies in it."""
    for path in [path for path in laid.made if path in target.folders]:
        laid.entries[path] = laid.made.pop(path)
        laid.made_as.pop(path)
    for path in [path for path, entry in laid.entries.items() if entry.is_folder and path in target.made]:
        laid.made[path] = laid.entries.pop(path)
        laid.made_as[path] = target.made[path]
    is_same = laid.attributes == target.attributes  # else git may convert any file in another way
    surplus = [path for path, how in laid.laid.items() if not is_same or target.laid.get(path) != how]
    surplus += [path for path, entry in laid.made_as.items() if not _is_kept(entry, target.made.get(path))]
    return surplus + [path for path, entry in laid.entries.items() if entry.is_folder and path not in target.folders]


def _is_kept(before: Entry, wanted: Entry | None) -> bool:
    return wanted is not None and (before == wanted or (before.is_folder and wanted.is_folder))


def _make_folders(root_fd: int, laid: LaidFiles, target: Target) -> None:
    for path in sorted(target.folders - laid.entries.keys()):
        with usable_parent(root_fd, path) as (parent_fd, leaf):
            os.mkdir(leaf, dir_fd=parent_fd)
            laid.entries[path] = entry_of(os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False))


def _put_back(root_fd: int, laid: LaidFiles, target: Target, root: RestoredFolder) -> Manifest:
    lacking = [path for path in target.made if path not in laid.made]
    placed = root.put_back(root_fd, lacking) if lacking else {}
    laid.made |= placed
    laid.made_as |= {path: target.made[path] for path in placed}
    return placed


def _lay(root_fd: int, laid: LaidFiles, target: Target, root: RestoredFolder) -> Manifest:
    lacking = [path for path in target.laid if path not in laid.laid]
    if not lacking:
        return {}
    placed: Manifest = {}
    with root.checked_out(lacking) as folder, opened_root(folder) as folder_fd:
        for path in lacking:
            with opened_parent(folder_fd, path) as (old_fd, leaf), usable_parent(root_fd, path) as (new_fd, _):
                os.rename(leaf, leaf, src_dir_fd=old_fd, dst_dir_fd=new_fd)
                placed[path] = entry_of(os.stat(leaf, dir_fd=new_fd, follow_symlinks=False))
    laid.entries |= placed
    laid.laid |= {path: target.laid[path] for path in placed}
    return placed
