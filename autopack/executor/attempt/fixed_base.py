"""Finds what edits start from: the commit that the attempt starts from, with what a doctor's commands changed in the phase laid over it."""

from dataclasses import dataclass
from typing import Final

from autopack.core.candidate import Candidate, DerivedFiles
from autopack.core.remedy import Fix
from autopack.core.step_names import StepName
from autopack.executor.run_context import State, WorkSite
from autopack.worktree.git import Git
from autopack.worktree.rebase import Conflict, changed_files, rebase_onto

_SHORT: Final = 12


@dataclass(frozen=True)
class FixedBase:
    """``fix`` is the phase's last one; ``fixed`` is what all its fixes changed, as a commit on ``parent``, where it goes onto it."""

    parent: str
    fix: Fix | None
    fixed: Candidate | None

    @property
    def commit(self) -> str:
        """The commit whose files the attempt is shown and edits."""
        return self.fixed.commit if self.fixed else self.parent

    @property
    def is_left_out(self) -> bool:
        """Whether the phase has a fix that does not go onto this parent."""
        return self.fix is not None and self.fix.candidate is not None and self.fixed is None

    @property
    def commands(self) -> tuple[str, ...]:
        """Those whose changes the candidate will hold."""
        return self.fix.commands if self.fix and self.fixed else ()

    def files(self, git: Git) -> DerivedFiles:
        """What the fixes changed: the candidate is made of the edits and of these."""
        return changed_files(git, self.fixed) if self.fixed else DerivedFiles()


def fixed_base(site: WorkSite, phase: str, parent: str) -> FixedBase:
    fix = _last_fix(site.state, phase)
    if fix is None or fix.candidate is None or fix.candidate.parent == parent:
        return FixedBase(parent, fix, fix.candidate if fix else None)
    try:
        fixed = rebase_onto(site.repository, fix.candidate, parent, f"{fix.candidate.ref}.{parent[:_SHORT]}")
    except Conflict:  # the branch now has other versions of those files
        fixed = None
    return FixedBase(parent, fix, fixed)


def _last_fix(state: State, phase: str) -> Fix | None:
    """It holds what the earlier ones left, too."""
    recorded = state.phases.last_results(StepName.FIX).get(phase)
    return Fix.model_validate_json(recorded) if recorded else None
