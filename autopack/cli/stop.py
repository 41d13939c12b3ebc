"""``autopack stop``: ask the process that works on a run to stop after its step."""

from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.options import Repo, system_clock
from autopack.cli.output import note
from autopack.core.states import RunState
from autopack.executor.lock import is_alive
from autopack.executor.place import Place, open_place

_STARTING_S = 15.0
_LOOK_S = 0.25

RunId = Annotated[str, typer.Argument(metavar="ID", help="The run.")]


def stop(run_id: RunId, *, repo: Repo = Path()) -> None:
    """Ask the process that works on a run, wherever it was started, to stop after its step."""
    clock = system_clock()
    place = open_place(repo, clock)
    row = place.run(run_id)
    waited = 0.0
    while (alive := is_alive(place.locks, run_id)) and not _is_at_work(place, run_id) and waited < _STARTING_S:
        clock.sleep(_LOOK_S)  # a start takes the wish of before back; it is made known once the run is at work
        waited += _LOOK_S
    if not alive:
        note(f"nobody works on run '{row.run_id}' ({place.status(run_id).state}): there is nothing to stop.")
        return
    place.runs.change(run_id, stop_requested=True)
    owner = place.status(run_id).owner
    process = f"process {owner.pid}" if owner else "its process"
    note(f"run '{row.run_id}' is asked to stop: {process} ends after the step it is at.", next_command=f"autopack status {run_id} --watch")


def _is_at_work(place: Place, run_id: str) -> bool:
    return place.run(run_id).state in (RunState.RUNNING, RunState.WAITING)
