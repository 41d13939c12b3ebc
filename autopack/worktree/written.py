"""Finds what a command wrote into a work tree: the differences that mean something to a person."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from autopack.edits.model import EditRefused
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.disk_files import opened_parent, opened_root
from autopack.worktree.manifest import Differences, files_below
from autopack.worktree.restore import LaidFiles
from autopack.worktree.scratch import Scratch

TOLD_MAX: Final = 10_000
"""Lists the folders instead where there are more new files than this."""

_PIECE: Final = 1 << 20
_IGNORE_BYTES_MAX: Final = 1024


def written_paths(root: Path, found: Differences, laid: LaidFiles, tree: BaseTree, scratch: Scratch) -> tuple[str, ...]:
    """Tracked files that changed or are gone, and others that git does not ignore; touching a file is not writing it."""
    if not found:
        return ()
    tracked = [path for path in found.changed if path in laid.laid]
    told = {path for path in found.gone if path in laid.laid}
    if tracked:
        with scratch.checked_out(tree, tracked) as before:
            told.update(path for path in tracked if not _is_same(before / path, root, path))
    others = [path for path in (*found.changed, *found.gone) if path in laid.made and not laid.made[path].is_folder]
    others += _new_files(root, found.new)
    return tuple(sorted({*told, *others} - scratch.ignored(tree, others)))


def shown(paths: Iterable[str]) -> tuple[str, ...]:
    """The names as text that can be stored and shown, whatever bytes they are."""
    return tuple(path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace") for path in paths)


def _new_files(root: Path, new: Iterable[str]) -> Iterator[str]:
    left = TOLD_MAX
    with opened_root(root) as root_fd:
        for path in new:
            if not _is_folder(root_fd, path):
                yield path
            elif left <= 0:
                yield f"{path}/"
            elif not _ignores_itself(root_fd, path):
                files = files_below(root_fd, path, left)
                left -= len(files)
                yield from files


def _ignores_itself(root_fd: int, folder: str) -> bool:
    """Whether a folder's own ``.gitignore`` ignores all of it, as the caches of pytest and mypy do."""
    try:
        with opened_parent(root_fd, f"{folder}/.gitignore") as (parent_fd, leaf):
            descriptor = os.open(leaf, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent_fd)
            with os.fdopen(descriptor, "rb") as file:
                text = file.read(_IGNORE_BYTES_MAX + 1)
    except (OSError, EditRefused):
        return False
    rules = {line for line in text.splitlines() if line.strip() and not line.startswith(b"#")}
    return len(text) <= _IGNORE_BYTES_MAX and rules == {b"*"}


def _is_folder(root_fd: int, path: str) -> bool:
    with opened_parent(root_fd, path) as (parent_fd, leaf):
        return stat.S_ISDIR(os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False).st_mode)


def _is_same(before: Path, root: Path, path: str) -> bool:
    """Whether a file of the work tree is still what the checkout wrote."""
    with opened_root(root) as root_fd, opened_parent(root_fd, path) as (parent_fd, leaf):
        now, then = os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False), before.lstat()
        if stat.S_IFMT(now.st_mode) != stat.S_IFMT(then.st_mode):
            return False
        if stat.S_ISLNK(now.st_mode):
            return os.readlink(leaf, dir_fd=parent_fd) == str(before.readlink())
        if now.st_size != then.st_size or (now.st_mode ^ then.st_mode) & stat.S_IXUSR:
            return False
        try:
            descriptor = os.open(leaf, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent_fd)
        except PermissionError:
            return False
        with os.fdopen(descriptor, "rb") as one, before.open("rb") as other:
            while (piece := one.read(_PIECE)) == other.read(_PIECE):
                if not piece:
                    return True
        return False
