"""Registers a work tree of the run with the repository, and removes it again; touches no other work tree."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.git import Git
from autopack.worktree.own_locks import WORK_TREE_PREFIX
from autopack.worktree.removing import remove_tree
from autopack.worktree.repository import Repository

_HEAD: Final = re.compile(r"ref: refs/\S+|[0-9a-f]{40}|[0-9a-f]{64}")
_ABOVE: Final = "../.."
_POINTER_BYTES_MAX: Final = 65_536
_PRUNED: Final = "/locked' for writing: No such file or directory"
"""A ``git worktree prune`` of the user's, which ``git gc`` starts, takes a folder away that git has just made and not yet marked."""

_TRIES: Final = 20


@dataclass(frozen=True)
class Registration:
    """``place`` is ``<...>/<run-id>/<slot>``; the repository knows it as ``worktrees/autopack+<run-id>+<slot>``."""

    common_dir: Path
    place: Path

    @property
    def name(self) -> str:
        return f"{WORK_TREE_PREFIX}{self.place.parent.name}+{self.place.name}"

    @property
    def admin(self) -> Path:
        return self.common_dir / "worktrees" / self.name

    @property
    def pointer(self) -> Path:
        """The file that makes the directory a work tree."""
        return self.place / ".git"

    def is_sound(self) -> bool:
        """True where directory and repository know each other, and no file between them is empty, as after a power cut."""
        is_whole = _HEAD.fullmatch(_read(self.admin / "HEAD")) is not None and _read(self.admin / "commondir") == _ABOVE
        return self.place.is_dir() and not self.place.is_symlink() and is_whole and _read(self.admin / "gitdir") == str(self.pointer)

    def open_up(self) -> None:
        """Restores the folder's own mode, which a command may have changed: closed to its owner, or with a set-group-id bit."""
        if self.place.is_symlink() or not self.place.is_dir():
            return
        mode = stat.S_IMODE(self.place.stat().st_mode)
        wanted = (mode | stat.S_IRWXU) & 0o777
        if mode != wanted:
            self.place.chmod(wanted)

    def restore_pointer(self) -> None:
        """Restores the ``.git`` file, which a command of the plan may have removed or replaced."""
        wanted = f"gitdir: {self.admin}"
        if not self.pointer.is_symlink() and _read(self.pointer) == wanted:
            return
        remove_tree(self.pointer)
        self.pointer.write_text(wanted + "\n", "utf-8", errors="surrogateescape")


def register(repository: Repository, place: Path, commit: str) -> Registration:
    """Makes the work tree, detached at ``commit`` and without files; replaces whatever lies there.

    Raises:
        EnvironmentBlockedError: the place lies in a repository, or cannot be written.
    """
    judge_place(place)
    with repository.guarded() as git:
        known = Registration(repository.common_dir, place)
        if known.is_sound():
            return known
        making = place.parent / known.name
        with disk_trouble(place):
            _forget(known)
            remove_tree(making)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentBlockedError(
                f"{place.parent} cannot be made ({error.strerror}). Give write access, or set workspace.dir."
            ) from error
        _add(git, known, making, commit)
    return known


def unregister(repository: Repository, place: Path) -> None:
    """Removes the work tree and all that the repository knew of it. One that is gone already is fine."""
    with repository.guarded(), disk_trouble(place):
        _forget(Registration(repository.common_dir, place))


def judge_place(place: Path) -> None:
    """Refuses a place that lies in a repository: package managers and test runners look upwards.

    Raises:
        EnvironmentBlockedError: it does.
    """
    for parent in place.resolve().parents:
        if (parent / ".git").exists() or all((parent / name).exists() for name in ("HEAD", "objects", "refs")):
            raise EnvironmentBlockedError(
                f"The run's work trees would lie in {place}, which is inside the repository {parent}. "
                "Set workspace.dir in your user configuration to a directory outside every repository."
            )


def _add(git: Git, known: Registration, making: Path, commit: str) -> None:
    for tries_left in range(_TRIES - 1, -1, -1):
        try:
            git.run("worktree", "add", "--detach", "--no-checkout", str(making), commit)
            break
        except EnvironmentBlockedError as error:
            if not (tries_left and _PRUNED in str(error)):
                raise
        remove_tree(making)
    mark = known.admin / "locked"
    if mark.exists():  # git means to take it away itself, and says nothing where the disk refuses
        with disk_trouble(mark):
            mark.unlink()
    git.run("worktree", "move", str(making), str(known.place))


def _forget(known: Registration) -> None:
    """Removes the directory and its registration, also one that was moved elsewhere under the same name."""
    elsewhere = Path(_read(known.admin / "gitdir") or known.pointer).parent
    for directory in {known.place, elsewhere}:
        if directory == known.place or _read(directory / ".git") == f"gitdir: {known.admin}":
            remove_tree(directory)
    remove_tree(known.admin)


def _read(file: Path) -> str:
    """The file's text; empty where there is no plain file: reading a pipe would wait."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as opened:
            return opened.read(_POINTER_BYTES_MAX).decode("utf-8", "surrogateescape").removesuffix("\n")
    except OSError:
        return ""
