"""Finds the commit that an attempt starts from: the branch's head at that moment, with a person's commits on it."""

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.events import EventName
from autopack.core.held import HeldReason
from autopack.core.plan import PhaseSpec
from autopack.core.transitions import PhaseEvent
from autopack.executor.run_context import RunLog, State, WorkSite
from autopack.store.phase_changes import hold
from autopack.worktree.repository import Repository
from autopack.worktree.run_branch import RunBranch


def base_of_attempt(site: WorkSite, phase: PhaseSpec) -> str | None:
    """The branch's head. None where the branch was rewritten: then the phase waits for a person.

    Raises:
        EnvironmentBlockedError: the branch is gone.
    """
    run = site.state.runs.get(site.state.run_id)
    head = site.branch.head()
    if head is None:
        raise _gone(site.branch, site.state.run_id)
    if head == run.head_commit:
        return head
    if not site.branch.contains(run.head_commit):
        reason = (
            f"The branch {site.branch.branch} no longer holds {run.head_commit[:10]}, which had landed. "
            f"If that is meant, take it as it is: autopack adopt {site.state.run_id} {phase.id}. "
            f"If not, bring it back: git branch -f {site.branch.branch} {run.head_commit[:10]}"
        )
        site.state.phases.move(phase.id, PhaseEvent.HOLD, change=hold(HeldReason.BRANCH_REWRITTEN, reason))
        return None
    if tell_persons_commits(site.branch, site.log, phase, since=run.head_commit):
        site.state.runs.change(site.state.run_id, head_commit=head)
    return head


def tell_persons_commits(branch: RunBranch, log: RunLog, phase: PhaseSpec, since: str) -> bool:
    """Whether the branch holds commits after ``since`` that this run did not make."""
    foreign = branch.foreign_commits(since)
    if foreign:
        message = f"{len(foreign)} commits of a person are on the branch; they are kept"
        log.tell(EventName.PERSON_COMMITS, phase.id, commits=list(foreign), message=message)
    return bool(foreign)


def warn_of_checkout(repository: Repository, branch: RunBranch, log: RunLog, phase: PhaseSpec) -> None:
    """Warns before anything is built: a phase cannot land on a branch that is checked out somewhere."""
    where = repository.branch_checked_out_at(branch.branch)
    if where is not None:
        message = (
            f"{branch.branch} is checked out in {where}; the phase cannot land unless you switch to another branch there (git switch -)"
        )
        log.tell(EventName.CHECKED_OUT, phase.id, message=message)


def require_landed(state: State, branch: RunBranch) -> None:
    """Raises EnvironmentBlockedError where the branch no longer holds what had landed."""
    run = state.runs.get(state.run_id)
    if branch.contains(run.head_commit):
        return
    if branch.head() is None:
        raise _gone(branch, state.run_id)
    name, commit = branch.branch, run.head_commit[:10]
    raise EnvironmentBlockedError(
        f"The branch {name} no longer holds {commit}, which had landed. Bring it back: git branch -f {name} {commit}"
    )


def _gone(branch: RunBranch, run_id: str) -> EnvironmentBlockedError:
    return EnvironmentBlockedError(
        f"The branch {branch.branch} is gone. The next start makes it again at the last commit that landed.",
        next_command=f"autopack resume {run_id}",
    )
