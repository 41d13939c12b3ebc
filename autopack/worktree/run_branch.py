"""Moves the branch of a run, by compare-and-set only, so that a phase lands once or not at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from autopack.core.candidate import Candidate, Committed
from autopack.core.errors import EnvironmentBlockedError
from autopack.worktree.candidate import ATTEMPT_TRAILER, PHASE_TRAILER, RUN_TRAILER
from autopack.worktree.disk_trouble import disk_trouble
from autopack.worktree.folder_flush import flush_folder
from autopack.worktree.git import Git, GitError, as_text
from autopack.worktree.own_locks import OwnLocks
from autopack.worktree.repository import Repository

_TRAILER: Final = re.compile(r"^(Autopack-[A-Za-z-]+): (.*)$", re.MULTILINE)


class HeadMoved(Exception):  # noqa: N818 - an outcome that the executor answers, not an error
    """The branch is not where the candidate starts from. ``actual`` is None where the branch is gone."""

    def __init__(self, branch: str, actual: str | None) -> None:
        super().__init__(f"The branch {branch} has moved to {actual}." if actual else f"The branch {branch} is gone.")
        self.actual = actual


class BranchCheckedOut(Exception):  # noqa: N818 - as above
    """The branch is checked out somewhere; if it moved, the files there would no longer fit it."""

    def __init__(self, branch: str, where: Path) -> None:
        super().__init__(
            f"The branch {branch} is checked out in {where}, so it was not moved. Switch to another branch there (git switch -)."
        )
        self.where = where


@dataclass(frozen=True)
class Landed:
    """A commit on the branch and the trailers it carries."""

    commit: str
    trailers: tuple[tuple[str, str], ...]

    def has(self, *pairs: tuple[str, str]) -> bool:
        return all(pair in self.trailers for pair in pairs)


def former_head(run: str, head: str) -> str:
    """The ref that keeps what a branch held before it was taken back."""
    return f"refs/autopack/{run}/_former/{head[:12]}"


class BranchPosition(NamedTuple):
    """The branch's head; ``is_made``: the branch was not there and was made now."""

    head: str
    is_made: bool


@dataclass(frozen=True)
class RunBranch:
    repository: Repository
    run: str
    branch: str

    @classmethod
    def of(cls, repository: Repository, run: str, branch: str) -> "RunBranch":
        """The branch for the process that owns the run."""
        return cls(repository.owned_by(run, branch), run, branch)

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"

    def ensure(self, at: str) -> BranchPosition:
        """Makes the branch at that commit if it is not there, and removes lock files of a dead owner.

        Raises:
            InvalidInputError: the name is none for a branch.
            EnvironmentBlockedError: another ref stands in its way, or the commit is no longer there.
        """
        with self.repository.guarded() as git:
            OwnLocks(self.repository.common_dir, self.run, self.branch).clear()
            head = self.head()
            if head is not None:
                return BranchPosition(head, is_made=False)
            self.repository.judge_branch(self.branch)
            try:
                self._update(git, at, "", "start")
            except GitError as error:
                if git.attempt("cat-file", "-e", f"{at}^{{commit}}").exit_code == 0:
                    raise
                raise EnvironmentBlockedError(f"The branch {self.branch} is gone, and so is its last commit {at[:10]}.") from error
            return BranchPosition(at, is_made=True)

    def head(self) -> str | None:
        outcome = self.repository.git.attempt("rev-parse", "--verify", "--quiet", f"{self.ref}^{{commit}}")
        return as_text(outcome.stdout).strip() if outcome.exit_code == 0 else None

    def integrate(self, candidate: Candidate, expected_head: str) -> Committed:
        """Moves the branch from ``expected_head`` to the candidate; a candidate that is there already is fine.

        Raises:
            HeadMoved: the branch is elsewhere, or the candidate starts elsewhere.
            BranchCheckedOut: a work tree has the branch checked out.
        """
        with self.repository.guarded() as git:
            if candidate.parent != expected_head:
                raise HeadMoved(self.branch, self.head())
            try:
                self._move(git, candidate.commit, expected_head, f"land {candidate.ref}")
            except (HeadMoved, BranchCheckedOut):
                if not self.contains(candidate.commit):
                    raise
        return Committed(commit=candidate.commit, tree=candidate.tree, branch=self.branch)

    def move_back(self, commit: str, expected_head: str, keep_as: str) -> None:
        """Takes the branch back to one of its own commits; what it had is kept at the ref ``keep_as``.

        Raises:
            HeadMoved: the branch is elsewhere, or never held that commit.
            BranchCheckedOut: a work tree has the branch checked out.
        """
        with self.repository.guarded() as git:
            head = self.head()
            if head == commit:
                return
            if head != expected_head or not self.contains(commit):
                raise HeadMoved(self.branch, head)
            git.run("update-ref", keep_as, expected_head, extra=self._signer())
            self._move(git, commit, expected_head, "roll back")

    def contains(self, commit: str) -> bool:
        """True where the branch holds the commit. A commit that is not in the repository is on no branch."""
        return self.repository.is_ancestor(commit, self.ref)

    def landed(self, phase: str, attempt: int, since: str) -> str | None:
        """The commit of that attempt on the branch, by its trailers, among those after ``since``; never by the head alone."""
        wanted = ((RUN_TRAILER, self.run), (PHASE_TRAILER, phase), (ATTEMPT_TRAILER, str(attempt)))
        return next((commit.commit for commit in self._commits(since) if commit.has(*wanted)), None)

    def foreign_commits(self, since: str) -> tuple[str, ...]:
        """The commits after ``since`` that this run did not make, oldest first."""
        return tuple(commit.commit for commit in self._commits(since) if not commit.has((RUN_TRAILER, self.run)))

    def _commits(self, since: str) -> Iterator[Landed]:
        """The commits after ``since``; none where the branch is gone."""
        words = ("log", "-z", "--reverse", "--topo-order", "--no-show-signature", "--format=%H%n%B", f"{since}..{self.ref}", "--")
        try:
            output = self.repository.git.run(*words)
        except GitError:
            if self.head() is None:
                return
            raise
        for record in as_text(output).split("\0"):
            commit, _, message = record.partition("\n")
            if commit:
                yield Landed(commit, tuple((key, value.strip()) for key, value in _TRAILER.findall(message)))

    def _move(self, git: Git, new: str, old: str, reason: str) -> None:
        where = self.repository.branch_checked_out_at(self.branch)
        if where is not None:
            raise BranchCheckedOut(self.branch, where)
        try:
            self._update(git, new, old, reason)
        except GitError as error:
            if self.head() != old:
                raise HeadMoved(self.branch, self.head()) from error
            raise

    def _update(self, git: Git, new: str, old: str, reason: str) -> None:
        git.run("update-ref", "-m", f"autopack: {reason}", self.ref, new, old or "0" * len(new), extra=self._signer())
        folder = (self.repository.common_dir / self.ref).parent
        if folder.is_dir():  # git flushes the ref and not the name it gives it; a reftable has no folder
            with disk_trouble(folder):
                flush_folder(folder)

    def _signer(self) -> dict[str, str]:
        identity = self.repository.identity
        return {"GIT_COMMITTER_NAME": identity.name, "GIT_COMMITTER_EMAIL": identity.email}
