"""Reads files and makes directories in a work tree without following a link."""

import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from autopack.core.errors import AttemptFailed
from autopack.core.failure import FailureKind
from autopack.edits.model import EditRefused
from autopack.worktree.commit_stream import Gone, NewBytes
from autopack.worktree.disk_files import opened_parent, opened_root


def changes_on_disk(
    root: Path, paths: Sequence[str], converted: Callable[[Sequence[str]], Mapping[str, bytes]]
) -> tuple[NewBytes | Gone, ...]:
    """The files with their modes and the bytes that git would add, which ``converted`` gives; a missing file is a deletion."""
    modes = {path: _mode(root, path) for path in paths}
    found = dict(converted([path for path, mode in modes.items() if mode in ("100644", "100755")]))
    for path, mode in modes.items():
        if mode == "120000":
            found[path] = os.fsencode((root / path).readlink())
    return tuple(Gone(path) if mode is None else NewBytes(path, mode, found[path]) for path, mode in sorted(modes.items()))


def make_directories(root: Path, entries: Iterable[str]) -> None:
    """Makes the directories that scope entries stand for: ``src/`` itself, those above ``a/b.py`` and above ``docs/**/*.md``."""
    with opened_root(root) as root_fd:
        for entry in entries:
            fixed = entry.split("*", 1)[0].split("?", 1)[0]
            directory = fixed.rpartition("/")[0].removeprefix("./")
            if directory and not {"", ".", ".."} & set(directory.split("/")):
                _make(root_fd, directory)


def _make(root_fd: int, directory: str) -> None:
    parts = directory.split("/")
    for count in range(1, len(parts) + 1):
        try:
            with opened_parent(root_fd, "/".join(parts[:count])) as (parent_fd, leaf), suppress(FileExistsError):
                os.mkdir(leaf, dir_fd=parent_fd)
        except EditRefused:  # a file or a link is in the way, which is for the path gate to say
            return


def _mode(root: Path, path: str) -> str | None:
    """The mode that git would give the file; None where there is none."""
    try:
        with opened_root(root) as root_fd, opened_parent(root_fd, path.rstrip("/")) as (parent_fd, leaf):
            status = os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError, EditRefused):
        return None
    if stat.S_ISREG(status.st_mode):
        return "100755" if status.st_mode & stat.S_IXUSR else "100644"
    if stat.S_ISLNK(status.st_mode):
        return "120000"
    raise AttemptFailed(FailureKind.DERIVE_FAILED, f"A derive step left {path}, which is no file, so it cannot become part of the change.")
