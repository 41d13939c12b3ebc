"""Finds phases of a new run that its base holds already, whoever ran them: nobody pays for them again."""

from contextlib import suppress
from functools import cache
from typing import Final

from autopack.core.asked import asked_digest
from autopack.core.errors import InvalidInputError
from autopack.core.plan import Plan
from autopack.executor.project_state import ProjectState, pinned_plan
from autopack.store.tables import RunRow
from autopack.worktree.landed import landed_on

RUNS_LOOKED_AT: Final = 20


def landed_before(project: ProjectState, plan: Plan, plan_path: str, base: str) -> dict[str, str]:
    """Phase -> the newest commit on the base that holds it, where the phase asks for the same now as it did then.

    The commit tells what the phase asked for; where an older version made it, the plan of its run does, if this repository knows that
    run. Runs of another plan file here do not count.
    """
    asked = _asked(plan)
    rows = project.runs.newest_first()
    of_others = {row.run_id for row in rows if row.plan_path != plan_path}
    own = {row.run_id: row for row in [row for row in rows if row.plan_path == plan_path][:RUNS_LOOKED_AT]}

    @cache
    def by_plan(run: str) -> dict[str, str]:
        return _asked_then(project, own[run]) if run in own else {}

    landed: dict[str, str] = {}
    for found in landed_on(project.repository, base):
        if found.phase in asked and found.run not in of_others:
            then = found.asked or by_plan(found.run).get(found.phase)
            if then == asked[found.phase]:
                landed.setdefault(found.phase, found.commit)
    return {phase: landed[phase] for phase in asked if phase in landed}


def _asked_then(project: ProjectState, row: RunRow) -> dict[str, str]:
    with suppress(InvalidInputError):  # a plan that this version no longer reads says nothing
        return _asked(pinned_plan(project, row))
    return {}


def _asked(plan: Plan) -> dict[str, str]:
    return {phase.id: asked_digest(phase) for phase in plan.phases}
