"""Makes a repository from the files of a folder; the demonstration works on it."""

from collections.abc import Mapping
from pathlib import Path

from autopack.worktree.git import Git
from autopack.worktree.repository import Repository


def make_repository(folder: Path, environment: Mapping[str, str], message: str) -> None:
    """``git init`` on a branch ``main`` and one commit of everything that is not ignored."""
    git = Git(folder, environment)
    git.run("init", "--quiet", "--initial-branch=main", ".")
    git.run("add", "--all", ".")
    own = {"GIT_AUTHOR_NAME": "Autopack", "GIT_AUTHOR_EMAIL": "autopack@localhost"}
    committer = {name.replace("AUTHOR", "COMMITTER"): value for name, value in own.items()}
    git.configured("commit.gpgsign=false").run("commit", "--quiet", "--message", message, extra={**own, **committer})


def commits_between(repository: Repository, base: str, ref: str) -> tuple[str, ...]:
    """``<short id> <subject>`` of every commit after ``base``, oldest first."""
    output = repository.git.line("log", "--reverse", "--no-show-signature", "--format=%h %s", f"{base}..{ref}", "--")
    return tuple(output.split("\n")) if output else ()
