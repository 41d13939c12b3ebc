"""Finds the tree that edits start from: the branch's head, with what a doctor's commands changed in the phase laid over it."""

from typing import Final

from autopack.core.candidate import Candidate, DerivedFiles
from autopack.core.remedy import Fix
from autopack.core.step_names import StepName
from autopack.executor.run_context import RunContext
from autopack.store.attempts import AttemptKey
from autopack.worktree.base_tree import BaseTree
from autopack.worktree.rebase import Conflict, changed_files, rebase_onto

_SHORT: Final = 12


def last_fix(ctx: RunContext, phase: str) -> Fix | None:
    """The phase's last one; it holds what the earlier ones left, too."""
    recorded = ctx.state.phases.last_results(StepName.FIX).get(phase)
    return Fix.model_validate_json(recorded) if recorded else None


def fixed_on(ctx: RunContext, phase: str, parent: str) -> Candidate | None:
    """What all fixes of the phase changed, as a commit on ``parent``; None where nothing, or where the branch now has other such files."""
    fix = last_fix(ctx, phase)
    if fix is None or fix.candidate is None or fix.candidate.parent == parent:
        return fix.candidate if fix else None
    try:
        return rebase_onto(ctx.repository, fix.candidate, parent, f"{fix.candidate.ref}.{parent[:_SHORT]}")
    except Conflict:
        return None


def start_commit(ctx: RunContext, phase: str, parent: str) -> str:
    """The commit whose files an attempt on ``parent`` is shown and edits."""
    fixed = fixed_on(ctx, phase, parent)
    return fixed.commit if fixed else parent


def is_left_out(ctx: RunContext, phase: str, parent: str) -> bool:
    """Whether the phase has a fix that does not go onto this parent."""
    fix = last_fix(ctx, phase)
    return fix is not None and fix.candidate is not None and fixed_on(ctx, phase, parent) is None


def start_tree(ctx: RunContext, key: AttemptKey) -> BaseTree:
    return ctx.tree(start_commit(ctx, key.phase, key.parent))


def fixed_files(ctx: RunContext, key: AttemptKey) -> DerivedFiles:
    """What the fixes changed: the candidate is made of the edits and of these."""
    fixed = fixed_on(ctx, key.phase, key.parent)
    return changed_files(ctx.repository.git, fixed) if fixed else DerivedFiles()
