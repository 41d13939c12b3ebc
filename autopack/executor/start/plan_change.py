"""Takes over a plan that was changed while its run was under way, if a person says so (``--accept-plan-change``)."""

import json
from collections.abc import Callable

from autopack.core.errors import InvalidInputError
from autopack.core.plan import Plan
from autopack.core.states import ENDED, PhaseState
from autopack.executor.project_state import ProjectState
from autopack.planning.plan_file import PlanSource
from autopack.store.phases import Phases
from autopack.store.steering import Revision, Steering
from autopack.store.tables import PhaseRow


def judge_change(project: ProjectState, run_id: str, old: Plan, new: Plan) -> None:
    """Raises InvalidInputError where phases that have landed would change, move or vanish."""
    landed = [row.phase_id for row in _rows(project, run_id) if row.state == PhaseState.COMPLETE]
    specs = {phase.id: phase for phase in new.phases}
    problems = [f"  phase '{name}' has landed and cannot vanish" for name in landed if name not in specs]
    problems += [f"  phase '{name}' has landed and cannot change" for name in landed if name in specs and specs[name] != old.phase(name)]
    if not problems and [phase.id for phase in new.phases if phase.id in landed] != landed:
        problems.append(f"  the phases that have landed cannot move: {', '.join(landed)}")
    if problems:
        raise InvalidInputError("The changed plan cannot be taken:", tuple(problems))


def take_change(project: ProjectState, run_id: str, plans: tuple[Plan, Plan], source: PlanSource, now: Callable[[], float]) -> None:
    """Queues new phases, skips vanished ones, drops a held candidate whose phase changed; keeps attempts and spend."""
    old, new = plans
    before = {phase.id: phase for phase in old.phases}
    rows = _rows(project, run_id)
    names = [phase.id for phase in new.phases]
    changed = {phase.id for phase in new.phases if before.get(phase.id) != phase}
    Steering(project.database, project.events, run_id, now).revise(
        Revision(
            goal=new.goal,
            text=source.text,
            sha256=source.sha256,
            given=json.dumps(dict(source.given)),
            order=tuple(names),
            dropped=tuple(row.phase_id for row in rows if row.state == PhaseState.HELD and row.phase_id in changed),
            vanished=tuple(row.phase_id for row in rows if row.phase_id not in names and row.state not in ENDED),
        )
    )


def _rows(project: ProjectState, run_id: str) -> tuple[PhaseRow, ...]:
    return Phases(project.database, project.events, run_id, lambda: 0.0).all()
