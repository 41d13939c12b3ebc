"""Takes back what a run has landed, where a doctor asks for it and the user allows it; then the run ends."""

from autopack.core.errors import EnvironmentBlockedError, RunRolledBack
from autopack.core.held import HeldReason
from autopack.core.plan import PhaseSpec
from autopack.core.states import PhaseState
from autopack.core.transitions import PhaseEvent
from autopack.executor.run_context import State, WorkSite
from autopack.store.phase_changes import GivenUp, hold
from autopack.worktree.repository import Repository
from autopack.worktree.run_branch import BranchCheckedOut, HeadMoved, former_head


def roll_back_run(site: WorkSite, phase: PhaseSpec, attempt: int, because: str) -> None:
    """The branch first, then all rows at once: a start after a kill in between does the rest. A person's commits make it a question.

    Raises:
        RunRolledBack: it is done.
        EnvironmentBlockedError: the branch is elsewhere, or somebody has it checked out.
    """
    run = site.state.runs.find(site.state.run_id)
    head = site.branch.head()
    if run is None or head is None or site.branch.foreign_commits(run.base_commit):
        site.state.phases.move(phase.id, PhaseEvent.HOLD, attempt, hold(HeldReason.ROLLBACK_ADVISED, because))
        return
    landed = _landed(site.state, site.repository, run.base_commit)
    try:
        site.branch.move_back(run.base_commit, head, former_head(site.state.run_id, head))
    except (HeadMoved, BranchCheckedOut) as error:
        raise EnvironmentBlockedError(str(error)) from error
    site.state.phases.roll_back_run((phase.id, attempt), landed, GivenUp(message=because), run.base_commit)
    told = f"taken back: {', '.join(landed)}; the former head is kept below refs/autopack/{site.state.run_id}/_former." if landed else ""
    raise RunRolledBack(f"{because} {told or 'Nothing had landed.'}")


def _landed(state: State, repository: Repository, base: str) -> tuple[str, ...]:
    """The complete phases of this run, not those that had landed before it began."""
    complete = (row for row in state.phases.all() if row.state == PhaseState.COMPLETE)
    return tuple(row.phase_id for row in complete if row.commit is not None and not repository.is_ancestor(row.commit, base))
