"""Files of Autopack's own below the user's checkout, reached through no link: a repository can hold one that leads anywhere."""

import os
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError

RECORDS: Final = ".autonomous_runs"
_OURS: Final = frozenset({RECORDS, ".autopack", ".github"})
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def judge_way(path: Path) -> None:
    """Refuses a path of our own on which there is a link, or whose last part is one.

    Raises:
        EnvironmentBlockedError: the first link, with what to do about it.
    """
    for part in _own_parts(path):
        if part.is_symlink():
            raise EnvironmentBlockedError(
                f"{part} is a link, and Autopack writes through none that stands in a repository. Remove it (git rm, if it is committed)."
            )


def open_own(path: Path, flags: int) -> int:
    """Opens a file to write it; its folders are made. Below the first folder of our own, no link is followed.

    Raises:
        EnvironmentBlockedError: a link stands in the way.
        OSError: the disk refuses.
    """
    parent = make_own_folder(path.parent)
    try:
        return os.open(path.name, flags | os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=parent)
    except OSError:
        judge_way(path)
        raise
    finally:
        os.close(parent)


def make_own_folder(path: Path) -> int:
    """Makes the folder and those above it, and gives its descriptor. Raises as ``open_own``."""
    parts = _own_parts(path)
    start = parts[0].parent if parts else path
    start.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(start, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    with ExitStack() as opened:
        opened.callback(lambda: os.close(descriptor))
        for part in parts:
            descriptor = _below(descriptor, part)
        opened.pop_all()
    return descriptor


def hide_from_git(records: Path) -> None:
    """The folder's own ``.gitignore``, where there is none. Raises as ``open_own``."""
    os.close(make_own_folder(records))
    try:
        descriptor = open_own(records / ".gitignore", os.O_EXCL)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"*\n")


def _below(parent: int, part: Path) -> int:
    """The folder of that name in another; the other's descriptor is closed once it is had."""
    try:
        try:
            os.mkdir(part.name, dir_fd=parent)
        except FileExistsError:
            if stat.S_ISLNK(os.stat(part.name, dir_fd=parent, follow_symlinks=False).st_mode):
                judge_way(part)
        below = os.open(part.name, _FOLDER, dir_fd=parent)
    except OSError:
        judge_way(part)
        raise
    os.close(parent)
    return below


def _own_parts(path: Path) -> tuple[Path, ...]:
    """The path's folders from the first of our own on, and the path itself; none where it is not among them."""
    found = [number for number, name in enumerate(path.parts) if name in _OURS]
    if not found:
        return ()
    return tuple(Path(*path.parts[:end]) for end in range(found[-1] + 1, len(path.parts) + 1))
