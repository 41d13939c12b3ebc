"""The commit that an attempt starts from: the branch's head at that moment, a person's commits among it."""

from autopack.core.errors import EnvironmentBlockedError
from autopack.core.events import EventName
from autopack.core.held import HeldReason
from autopack.core.plan import PhaseSpec
from autopack.core.transitions import PhaseEvent
from autopack.executor.workbench import Workbench
from autopack.store.phase_changes import hold


def base_of_attempt(bench: Workbench, phase: PhaseSpec) -> str | None:
    """None where the branch was rewritten, so that the phase now waits for a person's word.

    Raises:
        EnvironmentBlockedError: the branch is gone.
    """
    run = bench.state.runs.find(bench.run_id)
    head = bench.branch.head()
    if head is None or run is None:
        raise _gone(bench)
    if head == run.head_commit:
        return head
    if not bench.branch.contains(run.head_commit):
        reason = (
            f"The branch {bench.branch.branch} no longer holds {run.head_commit[:10]}, which had landed. "
            f"If that is meant, take it as it is: autopack adopt {bench.run_id} {phase.id}. "
            f"If not, bring it back: git branch -f {bench.branch.branch} {run.head_commit[:10]}"
        )
        bench.state.phases.move(phase.id, PhaseEvent.HOLD, change=hold(HeldReason.BRANCH_REWRITTEN, reason))
        return None
    if tell_persons_commits(bench, phase, since=run.head_commit):
        bench.state.runs.change(bench.run_id, head_commit=head)
    return head


def tell_persons_commits(bench: Workbench, phase: PhaseSpec, since: str) -> bool:
    """Whether the branch holds commits after ``since`` that this run did not make."""
    foreign = bench.branch.foreign_commits(since)
    if foreign:
        message = f"{len(foreign)} commits of a person are on the branch; they are kept"
        bench.tell(EventName.PERSON_COMMITS, phase, commits=list(foreign), message=message)
    return bool(foreign)


def warn_of_checkout(bench: Workbench, phase: PhaseSpec) -> None:
    """Said before it is built: what is built while a person stands on the branch waits for a word."""
    where = bench.repository.branch_checked_out_at(bench.branch.branch)
    if where is not None:
        message = f"{bench.branch.branch} is checked out in {where}; the phase waits there for you unless you switch away (git switch -)"
        bench.tell(EventName.CHECKED_OUT, phase, message=message)


def require_landed(bench: Workbench) -> None:
    """Raises EnvironmentBlockedError where the branch no longer holds what had landed."""
    run = bench.state.runs.find(bench.run_id)
    if run is None or bench.branch.contains(run.head_commit):
        return
    if bench.branch.head() is None:
        raise _gone(bench)
    name, commit = bench.branch.branch, run.head_commit[:10]
    raise EnvironmentBlockedError(
        f"The branch {name} no longer holds {commit}, which had landed. Bring it back: git branch -f {name} {commit}"
    )


def _gone(bench: Workbench) -> EnvironmentBlockedError:
    return EnvironmentBlockedError(
        f"The branch {bench.branch.branch} is gone. The next start makes it again at the last commit that landed.",
        next_command=f"autopack resume {bench.run_id}",
    )
