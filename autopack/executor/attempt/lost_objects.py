"""Makes again what a ``git gc --prune=now`` took from git's store before a ref named it."""

from collections.abc import Callable

from autopack.core.candidate import Candidate, DerivedFiles
from autopack.core.errors import AttemptFailed, EnvironmentBlockedError
from autopack.core.failure import FailureKind
from autopack.executor.attempt.steps import Steps
from autopack.worktree.repository import Repository
from autopack.worktree.whole import is_whole


def whole_or_again(repository: Repository, step: Steps, name: str, recorded: Candidate, make: Callable[[], Candidate]) -> Candidate:
    """The recorded candidate, made again where git no longer has it. A new signature makes another commit; then that one counts."""
    if is_whole(repository.git, recorded.commit, recorded.parent):
        return recorded
    made = make()
    if made != recorded:
        step.record_again(name, made)
    return made


def has_blobs(repository: Repository, derived: DerivedFiles) -> bool:
    """Whether git still has what derive steps made."""
    wanted = "".join(f"{file.blob}\n" for file in derived.files if file.blob is not None)
    said = repository.git.run("cat-file", "--batch-check", stdin=wanted.encode()) if wanted else b""
    return b" missing" not in said


def judge_makeable(step: Steps, candidate: Candidate) -> None:
    """Raises EnvironmentBlockedError for a person's commit: there is no reply to make it from again."""
    made = step.phases.last_attempt(step.key.phase)
    if made is not None and made.is_adopted:
        raise EnvironmentBlockedError(
            f"The commit {candidate.commit[:10]} that was adopted is no longer whole in the repository. "
            "Bring it back, or adopt another one."
        )


def judge_same(*, is_same: bool) -> None:
    """Raises AttemptFailed where another commit came out: checks and auditor have seen the earlier one."""
    if not is_same:
        raise AttemptFailed(
            FailureKind.DERIVE_FAILED,
            "What this attempt had made was removed from the repository (git gc --prune=now), and the derive steps make other files now.",
        )
