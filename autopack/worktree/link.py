"""Brings ignored paths of the user's checkout (environments, installed packages) into a work tree: ``workspace.link``."""

import fcntl
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.plan import Link
from autopack.edits.model import EditRefused
from autopack.worktree.disk_files import opened_parent, opened_root
from autopack.worktree.git import split_z
from autopack.worktree.reaching_back import judge_installs
from autopack.worktree.removing import remove_tree
from autopack.worktree.repository import Repository
from autopack.worktree.work_tree_files import make_directories

_CLONE: Final = 0x40049409  # FICLONE of linux/fs.h: shares the blocks until one side writes


def link(repository: Repository, work_tree: Path, links: Sequence[Link], *, has_sandbox: bool = True) -> None:
    """Makes each link that is not there yet: ``copy`` a copy of its own, ``symlink`` and ``ro`` a link to the user's.

    The sandbox keeps commands from writing through an ``ro`` link; without a sandbox it is a copy.

    Raises:
        EnvironmentBlockedError: a path is missing, tracked, not ignored, or holds an install that leads back to the checkout.
    """
    for item in links:
        _judge(repository, item.path)
    for item in links:
        _bring(repository.top, work_tree, item, is_copy=item.mode == "copy" or (item.mode == "ro" and not has_sandbox))
    judge_installs(work_tree, repository.top, tuple(item.path.strip("/") for item in links))


def _judge(repository: Repository, path: str) -> None:
    name = path.strip("/")
    if path.startswith("/") or {"", ".", "..", ".git"} & set(name.split("/")):
        raise EnvironmentBlockedError(f"workspace.link: {path!r} is no path below the repository. Name one, e.g. .venv or node_modules.")
    if not (repository.top / name).exists():
        raise EnvironmentBlockedError(
            f"workspace.link: {name} does not exist in {repository.top}. Make it there (install the project), or take it out of the plan."
        )
    known = split_z(repository.git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", name))
    if known:
        raise EnvironmentBlockedError(
            f"workspace.link: git does not ignore {known[0]}, and only ignored paths can be linked. "
            f"Add {name} to .gitignore, or take it out of the plan."
        )


def _bring(checkout: Path, work_tree: Path, item: Link, *, is_copy: bool) -> None:
    name = item.path.strip("/")
    source, target = checkout / name, work_tree / name
    if is_copy and item.mode == "ro" and target.is_symlink():
        target.unlink()  # a link of an earlier start that had a sandbox
    if os.path.lexists(target):
        return
    make_directories(work_tree, (name,))
    try:
        with opened_root(work_tree) as root_fd, opened_parent(root_fd, name) as (parent_fd, leaf):
            if not is_copy:
                os.symlink(source, leaf, dir_fd=parent_fd)
                return
            copy_tree(source.resolve(), target)
    except (FileNotFoundError, EditRefused) as error:
        raise EnvironmentBlockedError(f"workspace.link: {name} cannot be put into {work_tree}: a file or a link is in its way.") from error


def copy_tree(source: Path, target: Path) -> None:
    """Copies a file or a directory, whole or not at all; shares blocks where the file system can, never the files themselves."""
    making = target.with_name(f".{target.name}.autopack-copying")
    remove_tree(making)
    try:
        if source.is_dir():
            shutil.copytree(source, making, symlinks=True, copy_function=_copy_file, ignore=_special)
        else:
            _copy_file(str(source), str(making))
        making.rename(target)
    except (shutil.Error, OSError) as error:
        remove_tree(making)
        raise EnvironmentBlockedError(
            f"{source} could not be copied to {target} ({error}). Make room or give read access, then resume."
        ) from error


def _copy_file(source: str, target: str) -> str:
    if sys.platform != "linux" or Path(source).is_symlink():
        return shutil.copy2(source, target, follow_symlinks=False)
    with Path(source).open("rb") as old, Path(target).open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), _CLONE, old.fileno())
        except OSError:  # not on this file system
            shutil.copyfile(source, target)
    shutil.copystat(source, target)
    return target


def _special(directory: str, names: list[str]) -> list[str]:
    """Sockets and pipes, which cannot be copied and mean nothing elsewhere."""
    paths = {name: Path(directory, name) for name in names}
    return [name for name, path in paths.items() if not (path.is_symlink() or path.is_file() or path.is_dir())]
