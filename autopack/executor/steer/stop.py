"""Asks the process that works on a run, wherever it was started, to stop after its step."""

from typing import Final

from autopack.core.clock import Clock
from autopack.core.states import RunState
from autopack.core.terms import Terms
from autopack.executor.lock import is_alive
from autopack.executor.project_state import ProjectState

_STARTING_S: Final = 15.0
_LOOK_S: Final = 0.25


def stop(project: ProjectState, run_id: str, clock: Clock, terms: Terms | None = None) -> str | None:
    """What ends after which step; None where nobody works on the run, so that there is nothing to stop."""
    if not _has_begun(project, run_id, clock):
        return None
    project.runs.request_stop(run_id, terms)
    owner = project.status(run_id).owner
    process = f"process {owner.pid}" if owner else "its process"
    return f"run '{run_id}' is asked to stop: {process} ends after the step it is at."


def nothing_to_stop(project: ProjectState, run_id: str) -> str:
    return f"nobody works on run '{run_id}' ({project.status(run_id).state}): there is nothing to stop."


def _has_begun(project: ProjectState, run_id: str, clock: Clock) -> bool:
    """Whether a process works on the run. Waits for one that is only starting: it would overwrite the request."""
    waited = 0.0
    while is_alive(project.locks, run_id):
        if _is_at_work(project, run_id) or waited >= _STARTING_S:
            return True
        clock.sleep(_LOOK_S)
        waited += _LOOK_S
    return False


def _is_at_work(project: ProjectState, run_id: str) -> bool:
    return project.run(run_id).state in (RunState.RUNNING, RunState.WAITING)
