"""What git keeps of a work tree in its own folder (``.git/worktrees/<name>``): HEAD, index, half-done merges. Autopack sees to it all."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.git import Git, as_text
from autopack.worktree.index_file import index_bytes
from autopack.worktree.own_locks import OwnLocks
from autopack.worktree.registration import Registration
from autopack.worktree.removing import remove_tree
from autopack.worktree.restore import LaidFiles

CONFIG: Final = ("core.autocrlf=false", "core.eol=lf", "core.safecrlf=false", "core.sparseCheckout=false", "core.fsync=committed")
_HALF_DONE: Final = re.compile(r"MERGE_.*|CHERRY_PICK_HEAD|REVERT_HEAD|AUTO_MERGE|BISECT_.*|rebase-.*|sequencer|.*\.lock", re.DOTALL)
_MOVED_MAX: Final = 5
_LOCK_TAKEN: Final = "couldn't set 'HEAD'"


def git_of(git: Git, known: Registration, run: str) -> Git:
    """Git for the folder itself: it sees no work tree, whatever lies there."""
    locks = OwnLocks(known.common_dir, run, "")
    patience = replace(git.patience, is_own=locks.owns)
    return Git(known.admin, git.environment, known.admin, None, (*git.config, *CONFIG), git.held, patience)


def publish_index(known: Registration, tree: BaseTree, laid: LaidFiles) -> None:
    """Writes an index that fits the files, for commands of the plan; without a sandbox they may change it."""
    file = known.admin / "index"
    data = index_bytes(laid.tracked(tree), tree.commit)
    if _read_bytes(file) != data:
        copy = known.admin / "autopack-index-copy"
        copy.write_bytes(data)
        copy.replace(file)


def move_head(git: Git, known: Registration, commit: str) -> None:
    """Tries again where the user's gc expires the log of this HEAD: its lock looks like a dead git's, and each may remove the other's."""
    for tries_left in reversed(range(_MOVED_MAX)):
        if _detached_head(known) == commit:
            return
        try:
            git.run("update-ref", "--no-deref", "HEAD", commit)
        except EnvironmentBlockedError as error:
            if _LOCK_TAKEN not in error.message or not tries_left:
                raise


def _detached_head(known: Registration) -> str:
    return as_text(_read_bytes(known.admin / "HEAD")).strip()


def scrub(known: Registration) -> None:
    """Ends merges and the like that a command of the plan left half done, and removes locks of dead git processes."""
    for name in os.listdir(known.admin):  # noqa: PTH208 - names are all it takes, twice a check
        if _HALF_DONE.fullmatch(name):
            remove_tree(known.admin / name)


def _read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
