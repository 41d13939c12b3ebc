"""Finds the tree that edits start from: the branch's head, with what a doctor's commands changed in the phase laid over it."""

from typing import Final

from autopack.core.candidate import Candidate, DerivedFiles
from autopack.core.remedy import Fix
from autopack.core.step_names import StepName
from autopack.executor.run_context import State, WorkSite
from autopack.store.attempts import AttemptKey
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.rebase import Conflict, changed_files, rebase_onto

_SHORT: Final = 12


def last_fix(state: State, phase: str) -> Fix | None:
    """The phase's last one; it holds what the earlier ones left, too."""
    recorded = state.phases.last_results(StepName.FIX).get(phase)
    return Fix.model_validate_json(recorded) if recorded else None


def fixed_on(site: WorkSite, phase: str, parent: str) -> Candidate | None:
    """What all fixes of the phase changed, as a commit on ``parent``; None where nothing, or where the branch now has other such files."""
    fix = last_fix(site.state, phase)
    if fix is None or fix.candidate is None or fix.candidate.parent == parent:
        return fix.candidate if fix else None
    try:
        return rebase_onto(site.repository, fix.candidate, parent, f"{fix.candidate.ref}.{parent[:_SHORT]}")
    except Conflict:
        return None


def start_commit(site: WorkSite, phase: str, parent: str) -> str:
    """The commit whose files an attempt on ``parent`` is shown and edits."""
    fixed = fixed_on(site, phase, parent)
    return fixed.commit if fixed else parent


def is_left_out(site: WorkSite, phase: str, parent: str) -> bool:
    """Whether the phase has a fix that does not go onto this parent."""
    fix = last_fix(site.state, phase)
    return fix is not None and fix.candidate is not None and fixed_on(site, phase, parent) is None


def start_tree(site: WorkSite, key: AttemptKey) -> BaseTree:
    return site.tree(start_commit(site, key.phase, key.parent))


def fixed_files(site: WorkSite, key: AttemptKey) -> DerivedFiles:
    """What the fixes changed: the candidate is made of the edits and of these."""
    fixed = fixed_on(site, key.phase, key.parent)
    return changed_files(site.repository.git, fixed) if fixed else DerivedFiles()
