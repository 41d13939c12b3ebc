"""Finds the user's repository, judges whether a run can work on it, and reads it without leaving a trace."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from autopack.core.errors import EnvironmentBlockedError, InvalidInputError, UsageError
from autopack.worktree.git import Git, as_text, split_z
from autopack.worktree.guard import exclusive
from autopack.worktree.own_locks import OwnLocks

OLDEST_GIT: Final = (2, 30)
_ROW: Final = re.compile(r"git version (\d+)\.(\d+)")


@dataclass(frozen=True)
class Identity:
    """``is_fallback``: git knows no name or no e-mail address here, so Autopack signs with its own."""

    name: str
    email: str
    is_fallback: bool = False


@dataclass(frozen=True)
class Repository:
    """``git_dir`` is that of the checkout at ``top``; ``common_dir`` is shared by all its work trees."""

    git: Git
    top: Path
    git_dir: Path
    common_dir: Path

    @classmethod
    def discover(cls, path: Path, environment: Mapping[str, str]) -> "Repository":
        """Finds the repository that ``path`` lies in.

        Raises:
            EnvironmentBlockedError: there is none, or none that can be worked on.
        """
        if not path.is_dir():
            raise EnvironmentBlockedError(f"{path} is not a directory. Give the repository with --repo DIR.")
        git = Git(path.resolve(), environment)
        _judge_version(git)
        git_dir, common_dir, top = _locate(git)
        repository = cls(replace(git, directory=top, git_dir=git_dir, work_tree=top), top, git_dir, common_dir)
        if repository.git.attempt("rev-parse", "--verify", "--quiet", "HEAD^{commit}").exit_code != 0:
            raise EnvironmentBlockedError(
                f"{top} has no commit yet, so there is nothing to start from. Make a first commit (git add, git commit)."
            )
        return repository

    def owned_by(self, run: str, branch: str) -> "Repository":
        """The same repository for the process that owns the run: it removes stale lock files of that run."""
        locks = OwnLocks(self.common_dir, run, branch)
        return replace(self, git=replace(self.git, patience=replace(self.git.patience, is_own=locks.owns)))

    @property
    def repo_id(self) -> str:
        """A short id: stable as long as the repository stays where it is, the same in all its work trees."""
        return hashlib.sha256(str(self.common_dir).encode("utf-8", "surrogateescape")).hexdigest()[:12]

    def is_ancestor(self, commit: str, of: str) -> bool:
        """True where ``of`` holds the commit. A commit that is not in the repository is nobody's ancestor."""
        return self.git.attempt("merge-base", "--is-ancestor", commit, of).exit_code == 0

    @contextmanager
    def guarded(self) -> Iterator[Git]:
        """Gives a git that may move refs and register work trees; other Autopack processes wait."""
        patience = self.git.patience
        with exclusive(self.common_dir / "autopack" / "guard", wait_s=patience.wait_s, sleep=patience.sleep) as descriptor:
            yield self.git.holding(descriptor)

    def head(self) -> tuple[str, str | None]:
        """The commit and the branch of the user's checkout; None where HEAD is detached."""
        commit, name = self.git.line("rev-parse", "HEAD^{commit}", "--symbolic-full-name", "HEAD").split("\n")
        return commit, name.removeprefix("refs/heads/") if name.startswith("refs/heads/") else None

    def resolve(self, ref: str) -> str:
        """The commit that a name stands for.

        Raises:
            UsageError: there is no such commit.
        """
        if ref and not ref.startswith("-"):
            outcome = self.git.attempt("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
            if outcome.exit_code == 0:
                return as_text(outcome.stdout).strip()
        raise UsageError(f"{ref!r} names no commit in {self.top}. Give a branch, a tag or a commit id.")

    def uncommitted(self) -> tuple[str, ...]:
        """Paths that differ from HEAD or are neither tracked nor ignored; the index is not even refreshed."""
        rows = split_z(self.git.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty"))
        return tuple(row[3:] for row in rows)

    @cached_property
    def identity(self) -> Identity:
        """Who the user is to git. A name that git would make up from the machine's does not count."""
        outcome = self.git.configured("user.useConfigOnly=true").attempt("var", "GIT_AUTHOR_IDENT")
        if outcome.exit_code != 0:
            return Identity("Autopack", "autopack@localhost", is_fallback=True)
        name, _, rest = as_text(outcome.stdout).partition(" <")
        return Identity(name, rest.partition(">")[0])

    def branch_checked_out_at(self, branch: str) -> Path | None:
        """The work tree that has the branch checked out, or is in the midst of rebasing or bisecting it."""
        ref = f"refs/heads/{branch}"
        listing = self.git.line("worktree", "list", "--porcelain")
        for record in listing.split("\n\n"):
            lines = record.split("\n")
            if f"branch {ref}" in lines:
                return Path(lines[0].removeprefix("worktree "))
        return next((place for admin, place in self._checkouts() if _is_busy_with(admin, ref)), None)

    def judge_branch(self, branch: str) -> None:
        """Refuses the name of a branch that cannot be made here.

        Raises:
            InvalidInputError: it is no branch name.
            EnvironmentBlockedError: the branch is somebody's already, or another ref stands in its way.
        """
        if self.git.attempt("check-ref-format", f"refs/heads/{branch}").exit_code != 0 or branch.startswith("-"):
            raise InvalidInputError(f"git.branch gives {branch!r}, which is no name for a branch. Change git.branch in the configuration.")
        parents = [f"refs/heads/{branch[:end]}" for end in _slashes(branch)] + ["refs/autopack"]
        itself, below = f"refs/heads/{branch}", f"refs/heads/{branch}/"
        for ref in self.git.line("for-each-ref", "--format=%(refname)", *parents, itself).split("\n"):
            if ref == itself:
                raise EnvironmentBlockedError(
                    f"The branch {branch} exists, and this run did not make it, so it is left alone. "
                    f"Choose another --run-id, rename the branch (git branch -m {branch} NEW) or set git.branch in the configuration."
                )
            if ref in parents or ref.startswith(below):
                short = ref.removeprefix("refs/heads/")
                raise EnvironmentBlockedError(
                    f"{ref} exists, so git cannot make the branch {branch}. "
                    f"Rename it (git branch -m {short} NEW) or set git.branch in the configuration."
                )

    def _checkouts(self) -> Iterator[tuple[Path, Path]]:
        """The administrative directory and the place of the main checkout and of each linked one."""
        yield self.common_dir, self.common_dir.parent
        for admin in sorted((self.common_dir / "worktrees").glob("*")):
            pointer = admin / "gitdir"
            if pointer.is_file():
                yield admin, Path(pointer.read_text("utf-8", "surrogateescape").strip()).parent


def _judge_version(git: Git) -> None:
    words = git.line("version")
    row = _ROW.match(words)
    if row is None or (int(row[1]), int(row[2])) < OLDEST_GIT:
        raise EnvironmentBlockedError(f"{words} is too old for Autopack. Install git {OLDEST_GIT[0]}.{OLDEST_GIT[1]} or newer.")


def _locate(git: Git) -> tuple[Path, Path, Path]:
    outcome = git.attempt("rev-parse", "--is-bare-repository", "--absolute-git-dir", "--git-common-dir", "--show-toplevel")
    if "not a git repository" in outcome.stderr:
        raise EnvironmentBlockedError(
            f"{git.directory} is not in a git repository. Go to one, give one with --repo DIR, or make one (git init)."
        )
    if "dubious ownership" in outcome.stderr or "unsafe repository" in outcome.stderr:
        raise EnvironmentBlockedError(
            f"git does not trust {git.directory}: it belongs to another user. "
            f"If you do, run: git config --global --add safe.directory {git.directory}"
        )
    lines = as_text(outcome.stdout).removesuffix("\n").split("\n")
    if lines[0] == "true":
        raise EnvironmentBlockedError(
            f"{git.directory} is a bare repository, without files to work on. Clone it and run Autopack in the clone."
        )
    if outcome.exit_code != 0:
        raise EnvironmentBlockedError(f"git cannot work in {git.directory}: {outcome.stderr.strip()}. Run Autopack in a checkout.")
    if len(lines) != 4:  # noqa: PLR2004 - one a question
        raise EnvironmentBlockedError(f"The path of the repository at {git.directory} holds a line break. Move it to a path without one.")
    return Path(lines[1]).resolve(), (git.directory / lines[2]).resolve(), Path(lines[3])


def _is_busy_with(admin: Path, ref: str) -> bool:
    for name in ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"):
        file = admin / name
        if file.is_file() and file.read_text("utf-8", "surrogateescape").strip() in (ref, ref.removeprefix("refs/heads/")):
            return True
    return False


def _slashes(text: str) -> list[int]:
    return [index for index, character in enumerate(text) if character == "/"]
