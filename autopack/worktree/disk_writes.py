"""Writes a set of files all or nothing: stages them beside their places, renames them there, undoes all if anything fails."""

import os
import secrets
import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.refusal import RefusalCode
from autopack.edits.model import EditRefused
from autopack.worktree.disk_files import Identity, identity_of, opened_parent


@dataclass(frozen=True)
class DiskChange:
    """One file to write; ``data=None`` deletes it. ``expected=None`` means that nothing is there yet."""

    path: str
    data: bytes | None
    expected: Identity | None
    permissions: int | None = None
    is_executable: bool | None = None

    def new_permissions(self, default: int) -> int:
        """The new permissions: whoever may read may also execute, if the edit makes the file executable."""
        permissions = default if self.permissions is None else self.permissions
        if self.is_executable is None:
            return permissions
        return permissions | (permissions & 0o444) >> 2 if self.is_executable else permissions & ~0o111


def write_all(root_fd: int, changes: Sequence[DiskChange]) -> None:
    """Makes all changes or none. No link is followed, and a file that changed since it was read is not overwritten.

    Raises:
        EditRefused: code ``raced``; a file changed while the edit was being made.
        EnvironmentBlockedError: the disk refused (full, read-only, no permission).
    """
    undo = ExitStack()
    left_over: list[str] = []
    try:
        with undo:
            staged = [(change, _stage(root_fd, change, undo)) for change in changes]
            for change, temporary in staged:
                _put(root_fd, change, temporary, undo, left_over)
            _sync_directories(root_fd, (change.path for change in changes))
            undo.pop_all()
    except OSError as error:
        raise EnvironmentBlockedError(
            f"The files could not be written ({error.strerror}); nothing was changed. Make room or give write access."
        ) from error
    for path in left_over:
        with suppress(OSError):
            _unlink(root_fd, path)


def _stage(root_fd: int, change: DiskChange, undo: ExitStack) -> str | None:
    """Writes the new text beside its place; gives the temporary file's path."""
    if change.data is None:
        return None
    _make_parents(root_fd, change.path, undo)
    temporary = _beside(change.path)
    with opened_parent(root_fd, temporary) as (parent_fd, leaf):
        descriptor = os.open(leaf, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=parent_fd)
        undo.callback(_quietly, partial(_unlink, root_fd, temporary))
        with os.fdopen(descriptor, "wb") as file:
            file.write(change.data)
            file.flush()
            os.fchmod(descriptor, change.new_permissions(stat.S_IMODE(os.fstat(descriptor).st_mode)))
            os.fsync(descriptor)
    return temporary


def _put(root_fd: int, change: DiskChange, temporary: str | None, undo: ExitStack, left_over: list[str]) -> None:
    with opened_parent(root_fd, change.path) as (parent_fd, leaf):
        if _identity(parent_fd, leaf) != change.expected:
            raise _raced(change.path)
        if change.expected is not None:
            backup = _beside(change.path)
            _keep(parent_fd, leaf, _leaf(backup), is_deleted=temporary is None)
            undo.callback(_quietly, partial(_rename, root_fd, backup, change.path))
            left_over.append(backup)
            if temporary is not None:
                os.rename(_leaf(temporary), leaf, src_dir_fd=parent_fd, dst_dir_fd=parent_fd)
        elif temporary is not None:
            try:
                _link_new(parent_fd, _leaf(temporary), leaf)
            except FileExistsError as error:
                raise _raced(change.path) from error
            undo.callback(_quietly, partial(_unlink, root_fd, change.path))


def _raced(path: str) -> EditRefused:
    return EditRefused(RefusalCode.RACED, "The file changed on disk while the edit was being made; try again.", path)


def _keep(parent_fd: int, leaf: str, backup: str, *, is_deleted: bool) -> None:
    """Keeps the old file under a second name; without hard links, renames it to that name."""
    if not is_deleted:
        with suppress(OSError):
            os.link(leaf, backup, src_dir_fd=parent_fd, dst_dir_fd=parent_fd, follow_symlinks=False)
            return
    os.rename(leaf, backup, src_dir_fd=parent_fd, dst_dir_fd=parent_fd)


def _link_new(parent_fd: int, temporary: str, leaf: str) -> None:
    """Gives a new file its name without replacing what may have appeared there."""
    try:
        os.link(temporary, leaf, src_dir_fd=parent_fd, dst_dir_fd=parent_fd, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        os.rename(temporary, leaf, src_dir_fd=parent_fd, dst_dir_fd=parent_fd)
    else:
        os.unlink(temporary, dir_fd=parent_fd)


def _make_parents(root_fd: int, path: str, undo: ExitStack) -> None:
    end = path.find("/")
    while end > 0:
        with opened_parent(root_fd, path[:end]) as (parent_fd, name), suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent_fd)
            undo.callback(_quietly, partial(_remove_directory, root_fd, path[:end]))
        end = path.find("/", end + 1)


def _identity(parent_fd: int, leaf: str) -> Identity | None:
    try:
        return identity_of(os.stat(leaf, dir_fd=parent_fd, follow_symlinks=False))
    except FileNotFoundError:
        return None


def _sync_directories(root_fd: int, paths: Iterable[str]) -> None:
    for directory in {path.rpartition("/")[0] for path in paths}:
        with opened_parent(root_fd, f"{directory}/." if directory else ".") as (descriptor, _):
            os.fsync(descriptor)


def _quietly(action: Callable[[], None]) -> None:
    """Undoes one step; one that cannot be undone must not keep the others from it."""
    with suppress(OSError, EditRefused):
        action()


def _unlink(root_fd: int, path: str) -> None:
    with opened_parent(root_fd, path) as (parent_fd, leaf):
        os.unlink(leaf, dir_fd=parent_fd)


def _rename(root_fd: int, old: str, new: str) -> None:
    with opened_parent(root_fd, new) as (parent_fd, leaf):
        os.rename(_leaf(old), leaf, src_dir_fd=parent_fd, dst_dir_fd=parent_fd)


def _remove_directory(root_fd: int, path: str) -> None:
    with opened_parent(root_fd, path) as (parent_fd, leaf):
        os.rmdir(leaf, dir_fd=parent_fd)


def _beside(path: str) -> str:
    directory, slash, _ = path.rpartition("/")
    return f"{directory}{slash}.autopack-{secrets.token_hex(8)}"


def _leaf(path: str) -> str:
    return path.rpartition("/")[2]
