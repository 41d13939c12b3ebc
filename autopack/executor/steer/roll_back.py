"""Takes the branch back to an earlier phase, proves it by the tree, and keeps the former head."""

from dataclasses import dataclass

from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.core.states import PhaseState
from autopack.executor.lock import run_lock
from autopack.executor.steer.verbs import RunControl
from autopack.store.phases import Phases
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.run_branch import BranchCheckedOut, HeadMoved, RunBranch, former_head


@dataclass(frozen=True)
class RolledBack:
    """``recorded_tree`` is what the phase landed with, ``tree`` what the branch holds now; ``kept`` is where the former head is."""

    phase: str
    commit: str
    recorded_tree: str
    tree: str
    phases: tuple[str, ...]
    kept: str


def roll_back(helm: RunControl, to_phase: str) -> RolledBack:
    """Takes the run's branch back to where ``to_phase`` had landed.

    Raises:
        UsageError: the phase has not landed, or nothing came after it.
        LockedError: a process works on the run.
        EnvironmentBlockedError: the branch is elsewhere, or somebody has it checked out.
    """
    row = helm.phase(to_phase)
    if row.state != PhaseState.COMPLETE or row.commit is None:
        raise UsageError(f"phase '{to_phase}' is {row.state}; only a complete phase can be gone back to.")
    project, run = helm.project, helm.run
    if project.repository.is_ancestor(row.commit, run.base_commit):
        raise UsageError(f"phase '{to_phase}' had landed before this run began; there is nothing of this run to go back to.")
    with run_lock(project.locks, run.run_id):
        branch = RunBranch.of(project.repository, run.run_id, run.branch)
        head = branch.head()
        phases = Phases(project.database, project.events, run.run_id, helm.now)
        if head == row.commit and not _lost(phases, branch):
            raise UsageError(f"phase '{to_phase}' is the last thing on the branch; there is nothing to roll back.")
        kept = former_head(run.run_id, head or "")
        try:
            branch.move_back(row.commit, head or "", kept)
        except (HeadMoved, BranchCheckedOut) as error:
            again = f"autopack rollback {run.run_id} --to {to_phase}"
            raise EnvironmentBlockedError(str(error), next_command=again if isinstance(error, BranchCheckedOut) else None) from error
        lost = _lost(phases, branch)
        helm.steering.roll_back(lost, row.commit, to_phase)
    recorded = BaseTree(project.repository.git, row.commit).tree
    tree = BaseTree(project.repository.git, branch.head() or "").tree
    return RolledBack(to_phase, row.commit, recorded, tree, lost, kept)


def _lost(phases: Phases, branch: RunBranch) -> tuple[str, ...]:
    """The complete phases whose commit the branch does not hold."""
    return tuple(row.phase_id for row in phases.all() if row.state == PhaseState.COMPLETE and not _holds(branch, row.commit))


def _holds(branch: RunBranch, commit: str | None) -> bool:
    return commit is not None and branch.contains(commit)
