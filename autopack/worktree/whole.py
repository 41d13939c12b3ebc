"""Makes commits that are whole although a ``git gc --prune=now`` runs: what it removes before it sees the ref is made again."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.git import Git, GitError

_TRIES: Final = 20
_GONE: Final = re.compile(r"No such file or directory|with nonexistent object")

Made = TypeVar("Made")


def is_whole(git: Git, commit: str, parent: str) -> bool:
    """Whether git has the commit and everything in it that its parent has not."""
    return git.attempt("rev-list", "--objects", "--quiet", commit, f"^{parent}").exit_code == 0


def may_be_pruned(error: Exception) -> bool:
    """Whether git missed something that was there before: an object, or the folder of objects that it was about to write to."""
    return isinstance(error, GitError) or _lost_on_the_way(error)


def made_whole(git: Git, parent: str, make: Callable[[], Made], commit_of: Callable[[Made], str]) -> Made:
    """Calls ``make``, which makes a commit and its ref, again until the commit is whole: a gc that starts after the ref spares it.

    Raises:
        GitError, EnvironmentBlockedError: it cannot be made, or is taken away each time.
    """
    for _ in range(_TRIES):
        try:
            made = make()
        except (GitError, EnvironmentBlockedError) as error:
            if not _lost_on_the_way(error):
                raise
            continue
        if is_whole(git, commit_of(made), parent):
            return made
    return make()


def _lost_on_the_way(error: Exception) -> bool:
    """A gc removes what git is just writing, and git's folder while it is empty."""
    refusal = error if isinstance(error, GitError) else error.__cause__
    return isinstance(refusal, GitError) and _GONE.search(refusal.stderr) is not None
