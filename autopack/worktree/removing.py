"""Removes whatever a command may have left: any name, any depth, any mode, without following a link and without recursion.

It moves a folder into a bin, and then the folders in it, so that nothing lies deeper than two levels when it is removed.
"""

import os
import secrets
import stat
from contextlib import suppress
from itertools import count
from pathlib import Path

from autopack.worktree.disk_files import opened_root
from autopack.worktree.manifest import make_usable, open_folder


def remove_tree(path: Path) -> None:
    """Removes a file, a link or a folder with all it holds, and what was begun to be removed under that name; nothing where nothing is."""
    bin_ = _bin_of(path)
    with suppress(FileNotFoundError, NotADirectoryError), opened_root(path.parent) as parent_fd:
        remove_at(parent_fd, path.name, bin_)
    empty(bin_)


def finish_removing(path: Path) -> None:
    """Removes what a process that was killed had begun to remove of that name."""
    empty(_bin_of(path))


def remove_at(parent_fd: int, name: str, bin_: Path) -> None:
    """Removes one name. Moves a folder into the bin, which lies on the same disk; ``empty`` empties it."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=parent_fd, follow_symlinks=False).st_mode):
        os.unlink(name, dir_fd=parent_fd)
        return
    bin_.mkdir(parents=True, exist_ok=True)
    with opened_root(bin_) as bin_fd:
        _move(parent_fd, name, bin_fd, secrets.token_hex(8))


def empty(bin_: Path) -> None:
    """Removes the bin with all it holds, also what an earlier process left in it."""
    if not bin_.is_dir():
        return
    names = (f"{secrets.token_hex(4)}-{number}" for number in count())
    with opened_root(bin_) as bin_fd:
        waiting = os.listdir(bin_fd)  # noqa: PTH208 - of a descriptor
        while waiting:
            name = waiting.pop()
            folder_fd = _opened(bin_fd, name)
            if folder_fd is None:
                os.unlink(name, dir_fd=bin_fd)
                continue
            try:
                for inner in os.listdir(folder_fd):  # noqa: PTH208 - as above
                    if stat.S_ISDIR(os.stat(inner, dir_fd=folder_fd, follow_symlinks=False).st_mode):
                        waiting.append(next(names))
                        _move(folder_fd, inner, bin_fd, waiting[-1])
                    else:
                        os.unlink(inner, dir_fd=folder_fd)
            finally:
                os.close(folder_fd)
            os.rmdir(name, dir_fd=bin_fd)
    bin_.rmdir()


def _bin_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.autopack-removing"[-200:])


def _opened(parent_fd: int, name: str) -> int | None:
    try:
        make_usable(parent_fd, name)
        return open_folder(parent_fd, name)
    except NotADirectoryError:
        return None


def _move(parent_fd: int, name: str, bin_fd: int, new: str) -> None:
    """Moves a folder; first gives its owner the permissions without which nobody can move it."""
    make_usable(parent_fd, name)
    os.rename(name, new, src_dir_fd=parent_fd, dst_dir_fd=bin_fd)
