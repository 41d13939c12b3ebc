"""``autopack stop`` asks the process that works on a run to stop after its step."""

from pathlib import Path

from autopack.cli.from_here import from_here
from autopack.cli.open_state import opened
from autopack.cli.options import NewestRun, Repo, system_clock
from autopack.cli.output import note
from autopack.cli.target import choose_run
from autopack.core.clock import Clock
from autopack.core.states import RunState
from autopack.executor.lock import is_alive
from autopack.executor.project_state import ProjectState

_STARTING_S = 15.0
_LOOK_S = 0.25


def stop(run_id: NewestRun = None, *, repo: Repo = Path()) -> None:
    """Ask the process that works on a run, wherever it was started, to stop after its step."""
    clock = system_clock()
    with opened(repo, clock) as project:
        row = choose_run(project, run_id)
        if not _has_begun(project, row.run_id, clock):
            note(f"nobody works on run '{row.run_id}' ({project.status(row.run_id).state}): there is nothing to stop.")
            return
        project.runs.change(row.run_id, stop_requested=True)
        owner = project.status(row.run_id).owner
    process = f"process {owner.pid}" if owner else "its process"
    watching = from_here(f"autopack status {row.run_id} --watch", repo)
    note(f"run '{row.run_id}' is asked to stop: {process} ends after the step it is at.", next_command=watching)


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
