"""Tells one phase of a run whole, as ``autopack show`` does."""

from pathlib import Path

from autopack.core.plan import PhaseSpec
from autopack.executor.attempt.scope_grants import widened
from autopack.executor.project_state import ProjectState, plan_if_known
from autopack.executor.run_report import records_of
from autopack.reporting.log_files import LogOf, log_files
from autopack.reporting.phase_story import phase_story
from autopack.reporting.story import PhaseStory
from autopack.store.tables import PhaseRow, RunRow


def phase_shown(project: ProjectState, run: RunRow, phase: PhaseRow) -> PhaseStory:
    status = project.status(run.run_id)
    found = next(one for one in status.phases if one.id == phase.phase_id)
    logs = {log.attempt: str(path) for log, path in sorted(log_files(records_of(run)).items(), key=_derived_first) if log.phase == found.id}
    return phase_story(project.database, status, found, _spec(project, run, phase), logs)


def _derived_first(item: tuple[LogOf, Path]) -> bool:
    """Sorts the log of the checks last: it stands for the attempt, where there is one."""
    return item[0].stage == "check"


def _spec(project: ProjectState, run: RunRow, phase: PhaseRow) -> PhaseSpec | None:
    """The phase as the run's plan has it; None where another version's rules or a later revision no longer know it."""
    plan = plan_if_known(project, run)
    spec = next((one for one in plan.phases if one.id == phase.phase_id), None) if plan else None
    return widened(spec, phase) if spec else None
