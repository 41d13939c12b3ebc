"""Finds the commit that an attempt starts from: the branch's head at that moment, with a person's commits on it."""

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.events import EventName
from autopack.core.held import HeldReason
from autopack.core.plan import PhaseSpec
from autopack.core.transitions import PhaseEvent
from autopack.executor.run_context import RunContext, Tell
from autopack.store.phase_changes import hold
from autopack.worktree.repository import Repository
from autopack.worktree.run_branch import RunBranch


def base_of_attempt(ctx: RunContext, phase: PhaseSpec) -> str | None:
    """The branch's head. None where the branch was rewritten: then the phase waits for a person.

    Raises:
        EnvironmentBlockedError: the branch is gone.
    """
    run = ctx.state.runs.get(ctx.run_id)
    head = ctx.branch.head()
    if head is None:
        raise _gone(ctx)
    if head == run.head_commit:
        return head
    if not ctx.branch.contains(run.head_commit):
        reason = (
            f"The branch {ctx.branch.branch} no longer holds {run.head_commit[:10]}, which had landed. "
            f"If that is meant, take it as it is: autopack adopt {ctx.run_id} {phase.id}. "
            f"If not, bring it back: git branch -f {ctx.branch.branch} {run.head_commit[:10]}"
        )
        ctx.state.phases.move(phase.id, PhaseEvent.HOLD, change=hold(HeldReason.BRANCH_REWRITTEN, reason))
        return None
    if tell_persons_commits(ctx.branch, ctx.tell, phase, since=run.head_commit):
        ctx.state.runs.change(ctx.run_id, head_commit=head)
    return head


def tell_persons_commits(branch: RunBranch, tell: Tell, phase: PhaseSpec, since: str) -> bool:
    """Whether the branch holds commits after ``since`` that this run did not make."""
    foreign = branch.foreign_commits(since)
    if foreign:
        message = f"{len(foreign)} commits of a person are on the branch; they are kept"
        tell(EventName.PERSON_COMMITS, phase, commits=list(foreign), message=message)
    return bool(foreign)


def warn_of_checkout(repository: Repository, branch: RunBranch, tell: Tell, phase: PhaseSpec) -> None:
    """Warns before anything is built: a phase cannot land on a branch that is checked out somewhere."""
    where = repository.branch_checked_out_at(branch.branch)
    if where is not None:
        message = (
            f"{branch.branch} is checked out in {where}; the phase cannot land unless you switch to another branch there (git switch -)"
        )
        tell(EventName.CHECKED_OUT, phase, message=message)


def require_landed(ctx: RunContext) -> None:
    """Raises EnvironmentBlockedError where the branch no longer holds what had landed."""
    run = ctx.state.runs.get(ctx.run_id)
    if ctx.branch.contains(run.head_commit):
        return
    if ctx.branch.head() is None:
        raise _gone(ctx)
    name, commit = ctx.branch.branch, run.head_commit[:10]
    raise EnvironmentBlockedError(
        f"The branch {name} no longer holds {commit}, which had landed. Bring it back: git branch -f {name} {commit}"
    )


def _gone(ctx: RunContext) -> EnvironmentBlockedError:
    return EnvironmentBlockedError(
        f"The branch {ctx.branch.branch} is gone. The next start makes it again at the last commit that landed.",
        next_command=f"autopack resume {ctx.run_id}",
    )
