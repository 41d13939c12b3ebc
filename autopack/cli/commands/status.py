"""``autopack status`` shows one run on one screen; its exit code tells the run's state."""

from pathlib import Path
from typing import Annotated, Final

import typer

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, NewestRun, Repo, system_clock
from autopack.cli.output import note, print_model
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.screens.status_screen import status_lines
from autopack.cli.screens.watch import watch
from autopack.cli.target import choose_run
from autopack.core.states import RunState
from autopack.executor.project_state import ProjectState

_DAY_S: Final = 86_400
_WAITING: Final = frozenset({RunState.HELD, RunState.STOPPED, RunState.BLOCKED, RunState.INTERRUPTED})

Watch = Annotated[bool, typer.Option("--watch", "-w", help="Keep looking until nobody works on the run.")]


def status(run_id: NewestRun = None, *, watches: Watch = False, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Show where a run stands. The exit code is that of its state."""
    clock = system_clock()
    with opened(repo, clock) as place:
        chosen = choose_run(place, run_id).run_id
        if run_id is None and not as_json:
            _tell_others(place, chosen, clock.now())
        found = watch(place, chosen, clock, repo, as_json=as_json) if watches else place.status(chosen)
    if as_json and not watches:
        print_model(found)
    elif not watches:
        screen = stdout_screen()
        screen.show(status_lines(found, clock.now(), screen.width, repo))
    raise typer.Exit(found.exit_code)


def _tell_others(place: ProjectState, chosen: str, now: float) -> None:
    """Names the other runs of the last day that wait for something; the newest one is not all of a night."""
    waiting = [row for row in place.runs.newest_first() if row.run_id != chosen and row.state in _WAITING]
    rows = [row for row in waiting if row.ended_at is not None and now - row.ended_at < _DAY_S]
    if rows:
        note(f"waiting too: {', '.join(f'{row.run_id} ({row.state})' for row in rows)}", next_command="autopack runs")
