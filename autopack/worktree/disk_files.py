"""Reads from a directory without following a link: opens each component relative to the one above it."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused
from autopack.edits.names import name_key

FILE_BYTES_MAX: Final = 8 << 20
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

Identity = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class DiskFile:
    data: bytes
    permissions: int
    identity: Identity  # changes when anybody writes to the file or puts another one in its place


@contextmanager
def opened_root(root: str | os.PathLike[str]) -> Iterator[int]:
    """The directory ``root`` as a descriptor; ``root`` itself may be reached through a link."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened_parent(root_fd: int, path: str) -> Iterator[tuple[int, str]]:
    """The directory a path lies in, and the path's last component.

    Raises:
        FileNotFoundError: a directory on the way does not exist.
        EditRefused: a component on the way is no directory, or a link.
    """
    *directories, leaf = path.split("/")
    descriptor = os.dup(root_fd)
    try:
        for name in directories:
            below = _open_directory(descriptor, name, path)
            os.close(descriptor)
            descriptor = below
        yield descriptor, leaf
    finally:
        os.close(descriptor)


@contextmanager
def usable_parent(root_fd: int, path: str) -> Iterator[tuple[int, str]]:
    """As ``opened_parent``, with a folder that can be changed meanwhile, whatever its mode."""
    with opened_parent(root_fd, path) as (parent_fd, leaf):
        mode = stat.S_IMODE(os.fstat(parent_fd).st_mode)
        is_closed = mode & stat.S_IRWXU != stat.S_IRWXU
        if is_closed:
            os.fchmod(parent_fd, mode | stat.S_IRWXU)
        try:
            yield parent_fd, leaf
        finally:
            if is_closed:
                os.fchmod(parent_fd, mode)


def read_file(root_fd: int, path: str) -> DiskFile | None:
    """Reads a plain file; ``None`` where nothing is there.

    Raises:
        EditRefused: code ``path_gate``; it is no plain file of its own, too large, or cannot be read.
    """
    try:
        with opened_parent(root_fd, path) as (parent_fd, leaf):
            descriptor = os.open(leaf, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=parent_fd)
            with os.fdopen(descriptor, "rb") as file:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
                    raise EditRefused(
                        RefusalCode.PATH_GATE, "This cannot be edited: it is no plain file with one name; choose another file.", path
                    )
                data = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EditRefused(
            RefusalCode.PATH_GATE, f"This cannot be edited: reading it failed ({error.strerror}); choose another file.", path
        ) from error
    if len(data) > FILE_BYTES_MAX:
        raise EditRefused(
            RefusalCode.TOO_LARGE,
            f"The file is larger than {FILE_BYTES_MAX >> 20} MiB, the most that an edit can change; leave it as it is.",
            path,
        )
    return DiskFile(data, stat.S_IMODE(status.st_mode) & 0o777, identity_of(status))


def identity_of(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_mode


def names_alike(root_fd: int, paths: Iterable[str]) -> set[str]:
    """What exists under a name that is, on some system, the name of one of the paths or of a directory they lie in.

    Directories have a final ``/``, as ``judge_paths`` takes them.
    """
    found: set[str] = set()
    listings: dict[str, dict[str, list[str]]] = {}
    for path in paths:
        directory = ""
        for name in path.split("/"):
            if directory not in listings:
                listings[directory] = _listing(root_fd, directory)
            found.update(listings[directory].get(name_key(name), ()))
            directory += name + "/"
    return found


def _open_directory(parent_fd: int, name: str, path: str) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=parent_fd)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
            raise EditRefused(
                RefusalCode.PATH_GATE, f"This cannot be edited: {name!r} on its way is no directory of this repository.", path
            ) from error
        raise


def _listing(root_fd: int, directory: str) -> dict[str, list[str]]:
    """The entries of a directory by name key, each as a path from the root; empty where there is no such directory."""
    by_key: dict[str, list[str]] = {}
    try:
        with opened_parent(root_fd, directory + ".") as (descriptor, _), os.scandir(descriptor) as entries:
            for entry in entries:
                name = directory + entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "")
                by_key.setdefault(name_key(entry.name), []).append(name)
    except (FileNotFoundError, EditRefused):
        return {}
    return by_key
