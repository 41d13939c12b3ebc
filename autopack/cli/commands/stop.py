"""``autopack stop`` asks the process that works on a run to stop after its step."""

from pathlib import Path

from autopack.cli.from_here import from_here
from autopack.cli.open_state import opened
from autopack.cli.options import NewestRun, Repo, system_clock
from autopack.cli.output import note
from autopack.cli.target import choose_run


def stop(run_id: NewestRun = None, *, repo: Repo = Path()) -> None:
    """Ask the process that works on a run, wherever it was started, to stop after its step."""
    from autopack.executor.steer.stop import nothing_to_stop
    from autopack.executor.steer.stop import stop as ask_to_stop

    clock = system_clock()
    with opened(repo, clock) as project:
        row = choose_run(project, run_id)
        said = ask_to_stop(project, row.run_id, clock)
        if said is None:
            note(nothing_to_stop(project, row.run_id))
            return
    note(said, next_command=from_here(f"autopack status {row.run_id} --watch", repo))
