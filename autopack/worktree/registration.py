"""A work tree of the run made known to the repository and forgotten again; nobody else's is ever touched."""

import os
import re
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.git import Git
from autopack.worktree.own_locks import WORK_TREE_PREFIX
from autopack.worktree.repository import Repository

_HEAD: Final = re.compile(r"ref: refs/\S+|[0-9a-f]{40}|[0-9a-f]{64}")
_ABOVE: Final = "../.."


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
        """True where directory and repository know each other, and what a power cut may leave empty is whole."""
        is_whole = _HEAD.fullmatch(_read(self.admin / "HEAD")) is not None and _read(self.admin / "commondir") == _ABOVE
        return self.place.is_dir() and is_whole and _read(self.admin / "gitdir") == str(self.pointer)

    def restore_pointer(self) -> None:
        """Puts the pointer back that a command of the plan may have removed or replaced."""
        wanted = f"gitdir: {self.admin}"
        if not self.pointer.is_symlink() and _read(self.pointer) == wanted:
            return
        remove_tree(self.pointer)
        self.pointer.write_text(wanted + "\n", "utf-8", errors="surrogateescape")


def register(repository: Repository, place: Path, commit: str) -> Registration:
    """Makes the work tree, detached at ``commit`` and without files, in place of whatever was left there.

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


def remove_tree(path: Path) -> None:
    """Removes a file, a link or a directory with all it holds, also where a command took the write permission away."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path, onerror=_make_writable_and_retry)


def _make_writable_and_retry(function: Callable[[str], object], name: str, _: object) -> None:
    for path in (Path(name).parent, Path(name)):
        if path.is_dir() and not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IRWXU)
    if not os.path.lexists(name):
        return
    if function in (os.open, os.scandir, os.lstat, os.rmdir):
        shutil.rmtree(name)
    else:
        function(name)


def _add(git: Git, known: Registration, making: Path, commit: str) -> None:
    git.run("worktree", "add", "--detach", "--no-checkout", str(making), commit)
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
    try:
        return file.read_text("utf-8", "surrogateescape").removesuffix("\n")
    except OSError:
        return ""
