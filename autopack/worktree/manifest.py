"""Lists what lies below a folder, and compares it with an earlier list. Reads by descriptor, follows no link, runs no program.

A folder that is not known is one path, however much lies in it; known ones are looked into, also where a command took away the
permission to do so.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

DEPTH_MAX: Final = 200
"""No manifest goes deeper. No install does, and each level holds a descriptor."""

NEW_MAX: Final = 100_000
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Entry(NamedTuple):
    """What changes when anybody writes to a file or replaces it. Of a folder only the mode counts."""

    mode: int
    size: int
    inode: int
    ctime_ns: int
    mtime_ns: int
    device: int
    uid: int
    gid: int

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


Manifest = dict[str, Entry]
"""Paths from the folder, with ``/`` between; bytes that are no UTF-8 as ``surrogateescape``."""


@dataclass(frozen=True)
class Differences:
    """``new``: paths that are not known; of a folder, only the folder itself. ``is_cut``: there are more than are listed."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    is_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def entry_of(status: os.stat_result) -> Entry:
    return Entry(
        *(status.st_mode, status.st_size, status.st_ino, status.st_ctime_ns, status.st_mtime_ns),
        *(status.st_dev, status.st_uid, status.st_gid),
    )


def scan(root_fd: int, without: frozenset[str] = frozenset()) -> Manifest:
    """Everything below the folder except ``without``, and except sockets, pipes and devices, which nobody can restore."""
    found: Manifest = {}
    for folder, prefix, depth in _folders(root_fd):
        for entry in folder.entries:
            path = prefix + entry.name
            known = entry_of(entry.stat(follow_symlinks=False))
            if path in without or not (known.is_folder or known.is_link or stat.S_ISREG(known.mode)):
                continue
            if known.is_folder:
                if depth >= DEPTH_MAX:
                    continue
                folder.below.append(entry.name)
            found[path] = known
    return found


def look(root_fd: int, known: Mapping[str, Entry], without: frozenset[str] = frozenset()) -> Differences:
    """How the folder differs from what is known of it, without the paths in ``without``."""
    new: list[str] = []
    changed: list[str] = []
    seen: list[str] = []
    for folder, prefix, _ in _folders(root_fd):
        for entry in folder.entries:
            path = prefix + entry.name
            before = known.get(path)
            if before is None:
                if path not in without and len(new) <= NEW_MAX:
                    new.append(path)
                continue
            seen.append(path)
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode) and before.is_folder:
                folder.below.append(entry.name)
                is_same = status.st_mode == before.mode
            else:
                now = (status.st_mode, status.st_size, status.st_ino, status.st_ctime_ns)
                is_same = now == before[:4] and status.st_dev == before.device
            if not is_same:
                changed.append(path)
    gone = tuple(sorted(known.keys() - set(seen))) if len(seen) < len(known) else ()
    return Differences(tuple(new[:NEW_MAX]), tuple(changed), gone, len(new) > NEW_MAX)


def files_below(root_fd: int, path: str, most: int) -> tuple[str, ...]:
    """The files of an unknown folder, some of them where there are many; a repository counts as one path, ``path/``."""
    found: list[str] = []
    descriptor = opened(root_fd, path)
    try:
        for folder, prefix, depth in _folders(descriptor):
            if any(entry.name == ".git" for entry in folder.entries):
                found.append(f"{path}/{prefix}")
                continue
            for entry in folder.entries:
                if not entry.is_dir(follow_symlinks=False):
                    found.append(f"{path}/{prefix}{entry.name}")
                elif depth < DEPTH_MAX:
                    folder.below.append(entry.name)
                else:
                    found.append(f"{path}/{prefix}{entry.name}/")
            if len(found) >= most:
                return tuple(found[:most])
    finally:
        os.close(descriptor)
    return tuple(found)


def opened(root_fd: int, path: str) -> int:
    """A descriptor of a folder below, to be closed by the caller; no component on the way is a link."""
    descriptor = os.dup(root_fd)
    for name in path.split("/"):
        try:
            below = open_folder(descriptor, name)
        finally:
            os.close(descriptor)
        descriptor = below
    return descriptor


def above(path: str) -> Iterator[str]:
    """The folders a path lies in, the nearest first."""
    end = path.rfind("/")
    while end > 0:
        yield path[:end]
        end = path.rfind("/", 0, end)


def add_above(folders: set[str], paths: Iterable[str]) -> None:
    """Adds every folder that the paths lie in; one that is there already has those above it too."""
    for path in paths:
        for folder in above(path):
            if folder in folders:
                break
            folders.add(folder)


def open_folder(parent_fd: int, name: str) -> int:
    """Opens a folder for reading, also where its owner took the permission away."""
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=parent_fd)
    except PermissionError:
        make_usable(parent_fd, name)
        return os.open(name, _FOLDER, dir_fd=parent_fd)
    if not os.fstat(descriptor).st_mode & stat.S_IXUSR:
        os.fchmod(descriptor, stat.S_IRWXU)
    return descriptor


def make_usable(parent_fd: int, name: str) -> None:
    """Lets the owner read and change a folder.

    Raises:
        NotADirectoryError: it is none.
    """
    mode = os.stat(name, dir_fd=parent_fd, follow_symlinks=False).st_mode
    if not stat.S_ISDIR(mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
    if mode & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(name, stat.S_IMODE(mode) | stat.S_IRWXU, dir_fd=parent_fd)


@dataclass
class _Folder:
    """``below``: the folders in it that are to be looked into, which the reader names."""

    descriptor: int
    entries: "list[os.DirEntry[str]]"
    below: list[str]


def _folders(root_fd: int) -> Iterator[tuple[_Folder, str, int]]:
    """Folders from the top, each with its prefix and depth, before those that the reader finds in it."""
    frames = [(_read(os.dup(root_fd)), "")]
    try:
        yield frames[0][0], "", 0
        while frames:
            folder, prefix = frames[-1]
            if not folder.below:
                os.close(folder.descriptor)
                frames.pop()
                continue
            name = folder.below.pop()
            below = _read(open_folder(folder.descriptor, name))
            frames.append((below, f"{prefix}{name}/"))
            yield below, f"{prefix}{name}/", len(frames) - 1
    finally:
        for folder, _ in frames:
            os.close(folder.descriptor)


def _read(descriptor: int) -> _Folder:
    try:
        with os.scandir(descriptor) as entries:
            return _Folder(descriptor, list(entries), [])
    except OSError:
        os.close(descriptor)
        raise
