"""``autopack journal export`` prints every model reply of a run as JSON lines, for ``run --replay``."""

import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.from_here import from_here
from autopack.cli.open_state import opened
from autopack.cli.options import NewestRun, Repo, system_clock
from autopack.cli.output import note
from autopack.cli.target import choose_run
from autopack.cli.whole_file import write_whole
from autopack.executor.start.run_inputs import redactor_of_calls, redactor_of_run
from autopack.executor.steer.archived_journal import exported_lines
from autopack.llm.calls.journal_file import Exporting
from autopack.reporting.usage import is_planner

Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of stdout.")]


def export(run_id: NewestRun = None, *, output: Output = None, repo: Repo = Path()) -> None:
    """Print every model reply of a run as JSON lines, redacted, to be answered from with `run --replay`."""
    with opened(repo, system_clock()) as place:
        if run_id is not None and is_planner(place.database, run_id):
            _hand_out(exported_lines(place, Exporting(run_id, redactor_of_calls(place, run_id))), output)
            return
        run = choose_run(place, run_id)
        status = place.status(run.run_id)
        if (count := _hand_out(exported_lines(place, Exporting(run.run_id, redactor_of_run(place, run))), output)) is None:
            return
    replaying = f"autopack run --plan {shlex.quote(status.plan.path)} --new --replay {shlex.quote(str(output))}"
    note(f"{output}: {count} lines of run '{status.run_id}'.", next_command=from_here(replaying, repo))


def _hand_out(lines: Iterable[str], output: Path | None) -> int | None:
    """How many lines were written; None where they were printed."""
    if output is not None:
        return write_whole(output, (line + "\n" for line in lines), "the journal")
    for line in lines:
        sys.stdout.write(line + "\n")
    return None
