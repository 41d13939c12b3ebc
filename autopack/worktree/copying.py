"""Copies one file; shares its blocks where the file system can, never the file itself."""

import fcntl
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Final

from autopack.worktree.manifest import Entry

_CLONE: Final = 0x40049409  # FICLONE of linux/fs.h: shares the blocks until one side writes
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def copy_bytes(source: int, target: int) -> None:
    """Copies everything from one descriptor to the other."""
    if sys.platform == "linux":
        try:
            fcntl.ioctl(target, _CLONE, source)
        except OSError:  # not on this file system
            pass
        else:
            return
    with os.fdopen(os.dup(source), "rb") as old, os.fdopen(os.dup(target), "wb") as new:
        shutil.copyfileobj(old, new, 1 << 20)


def copy_file(source: Path | int, leaf: str, parent_fd: int, entry: Entry) -> None:
    """A new file with the source's bytes and the entry's permissions and time of change."""
    old = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC) if isinstance(source, Path) else os.dup(source)
    try:
        new = os.open(leaf, _NEW, 0o600, dir_fd=parent_fd)
        try:
            copy_bytes(old, new)
            os.fchmod(new, stat.S_IMODE(entry.mode))
            os.utime(new, ns=(entry.mtime_ns, entry.mtime_ns))
        finally:
            os.close(new)
    finally:
        os.close(old)
