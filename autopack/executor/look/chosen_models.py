"""Finds the phases for which a person chose another builder and that are not over."""

from autopack.core.models_shown import AssignedModel
from autopack.core.plan import PhaseSpec
from autopack.core.states import ENDED
from autopack.executor.project_state import ProjectState, plan_if_known
from autopack.store.phase_rows import phases_with_model
from autopack.store.tables import PhaseRow


def chosen_models(project: ProjectState) -> tuple[AssignedModel, ...]:
    rows = [row for row in phases_with_model(project.database) if row.state not in ENDED]
    specs = {(run_id, spec.id): spec for run_id in dict.fromkeys(row.run_id for row in rows) for spec in _specs(project, run_id)}
    return tuple(_assigned(row, specs.get((row.run_id, row.phase_id))) for row in rows)


def _specs(project: ProjectState, run_id: str) -> tuple[PhaseSpec, ...]:
    plan = plan_if_known(project, project.run(run_id))
    return plan.phases if plan else ()


def _assigned(row: PhaseRow, spec: PhaseSpec | None) -> AssignedModel:
    return AssignedModel(
        role="builder",
        category=spec.task_category if spec else None,
        complexity=spec.complexity if spec else None,
        model=row.model,
        scope=f"{row.run_id}/{row.phase_id}",
    )
