"""Finds phases of a new run that earlier runs of the same plan have landed on its base: nobody pays for them again."""

from contextlib import suppress
from typing import Final

from autopack.core.errors import InvalidInputError
from autopack.core.plan import PhaseSpec, Plan
from autopack.executor.project_state import ProjectState, pinned_plan
from autopack.worktree.landed import landed_on

RUNS_LOOKED_AT: Final = 20


def landed_before(project: ProjectState, plan: Plan, plan_path: str, base: str) -> dict[str, str]:
    """Phase -> the commit on the base that holds it, where the phase asks for the same now as it did then."""
    runs = [row for row in project.runs.newest_first() if row.plan_path == plan_path]
    landed: dict[str, str] = {}
    for row in runs[:RUNS_LOOKED_AT]:
        here = landed_on(project.repository, base, row.run_id, row.base_commit)
        with suppress(InvalidInputError):  # a plan that this version no longer reads says nothing
            then = {phase.id: phase for phase in pinned_plan(project, row).phases}
            for phase in plan.phases:
                if phase.id in here and phase.id in then and _is_same(phase, then[phase.id]):
                    landed.setdefault(phase.id, here[phase.id])
    return landed


def _is_same(one: PhaseSpec, other: PhaseSpec) -> bool:
    return (one.description, one.acceptance_criteria, one.scope) == (other.description, other.acceptance_criteria, other.scope)
