"""Lets no edit go through a link, into another repository, or onto anything but a plain file: the path gate."""

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final, Literal, Protocol

from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused

Kind = Literal["file", "directory", "symlink", "submodule", "special", "hardlinked"]

_TREE_KINDS: Final[dict[str, Kind]] = {
    "100644": "file",
    "100755": "file",
    "100664": "file",  # written by very old git
    "120000": "symlink",
    "160000": "submodule",
    "040000": "directory",
    "40000": "directory",
}
_IN_THE_WAY: Final[dict[Kind, str]] = {
    "file": "{name!r} is a file, so nothing can lie below it",
    "hardlinked": "{name!r} is a file, so nothing can lie below it",
    "symlink": "{name!r} is a symbolic link, and edits do not go through links",
    "submodule": "{name!r} is another git repository, and this run changes only its own",
    "special": "{name!r} is neither a file nor a directory",
}
_NOT_EDITABLE: Final[dict[Kind, str]] = {
    "directory": "the path is a directory",
    "symlink": "the path is a symbolic link, and edits neither follow nor replace links",
    "submodule": "the path is another git repository, and this run changes only its own",
    "special": "the path is a pipe, socket or device",
    "hardlinked": "the file has a second name (hard link), so a change would show up elsewhere",
}


class Entries(Protocol):
    """What lies under each path of a tree, without following links. A nested repository is a ``submodule``."""

    def kind(self, path: str) -> Kind | None: ...


class TreeEntries:
    """A git tree: path -> mode as git prints it. Directories need not be listed."""

    def __init__(self, modes: Mapping[str, str]) -> None:
        self._modes = modes

    def kind(self, path: str) -> Kind | None:
        mode = self._modes.get(path)
        if mode is not None:
            return _TREE_KINDS.get(mode, "special")
        if path not in self._directories:
            return None
        bare = f"{path}/HEAD" in self._modes and {f"{path}/objects", f"{path}/refs"} <= self._directories
        return "submodule" if bare else "directory"

    @cached_property
    def _directories(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self._modes:
            parent = path.rpartition("/")[0]
            while parent and parent not in found:
                found.add(parent)
                parent = parent.rpartition("/")[0]
        return frozenset(found)


class DiskEntries:
    """A directory on disk, read with ``lstat``; an answer may be out of date at once."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._root = os.fspath(root)

    def kind(self, path: str) -> Kind | None:
        full = os.path.join(self._root, path)  # noqa: PTH118 - lstat a path part by part, as strings
        try:
            status = os.lstat(full)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return None
            raise
        return self._directory_kind(full) if stat.S_ISDIR(status.st_mode) else kind_of(status)

    def _directory_kind(self, full: str) -> Kind:
        if os.path.lexists(os.path.join(full, ".git")):  # noqa: PTH118 - as above
            return "submodule"
        bare = all(os.path.lexists(os.path.join(full, name)) for name in ("HEAD", "objects", "refs"))  # noqa: PTH118 - as above
        return "submodule" if bare else "directory"


def kind_of(status: os.stat_result) -> Kind:
    """The kind that an ``lstat`` result tells; a directory may still be a repository."""
    if stat.S_ISLNK(status.st_mode):
        return "symlink"
    if stat.S_ISDIR(status.st_mode):
        return "directory"
    if not stat.S_ISREG(status.st_mode):
        return "special"
    return "hardlinked" if status.st_nlink > 1 else "file"


def judge_entries(paths_touched: Iterable[str], entries: Entries) -> None:
    """Refuses paths of which a parent is anything but a directory, or which exist as anything but a plain file.

    The paths have passed ``judge_paths``. The tree's own root is never asked for.

    Raises:
        EditRefused: code ``path_gate``.
    """
    directories: set[str] = set()
    for path in paths_touched:
        if not _is_below_directories(path, entries, directories):
            continue
        kind = entries.kind(path)
        if kind is not None and kind in _NOT_EDITABLE:
            raise EditRefused(RefusalCode.PATH_GATE, f"This cannot be edited: {_NOT_EDITABLE[kind]}; choose another file.", path)


def _is_below_directories(path: str, entries: Entries, directories: set[str]) -> bool:
    """True where all parents exist; false where one does not, so that nothing can lie below it."""
    end = path.find("/")
    while end > 0:
        name = path[:end]
        if name not in directories:
            kind = entries.kind(name)
            if kind is None:
                return False
            if kind != "directory":
                raise EditRefused(
                    RefusalCode.PATH_GATE, f"This cannot be edited: {_IN_THE_WAY[kind].format(name=name)}; choose another path.", path
                )
            directories.add(name)
        end = path.find("/", end + 1)
    return True
