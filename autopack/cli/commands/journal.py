"""``autopack journal export`` prints every model reply of a run as JSON lines, for ``run --replay``."""

import os
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
from autopack.core.errors import EnvironmentBlockedError, UsageError
from autopack.executor.start.run_inputs import redactor_of_run
from autopack.reporting.journal_lines import journal_lines
from autopack.worktree.folder_flush import flush_folder

Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file instead of stdout.")]


def export(run_id: NewestRun = None, *, output: Output = None, repo: Repo = Path()) -> None:
    """Print every model reply of a run as JSON lines, redacted, to be answered from with `run --replay`."""
    with opened(repo, system_clock()) as place:
        run = choose_run(place, run_id)
        status = place.status(run.run_id)
        lines = journal_lines(place.database, place.repository, status, redactor_of_run(place, run))
        if output is None:
            for line in lines:
                sys.stdout.write(line + "\n")
            return
        count = _write(output, lines)
    replaying = f"autopack run --plan {shlex.quote(status.plan.path)} --new --replay {shlex.quote(str(output))}"
    note(f"{output}: {count} lines of run '{status.run_id}'.", next_command=from_here(replaying, repo))


def _write(output: Path, lines: Iterable[str]) -> int:
    """Writes the file and counts its lines. Only a whole file replaces one that is there already."""
    if output.is_dir():
        raise UsageError(f"{output} is a folder; name a file.")
    draft = output.with_name(f".{output.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            count = sum(1 for line in lines if file.write(line + "\n"))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(output)
        flush_folder(output.parent)
    except OSError as error:
        raise EnvironmentBlockedError(f"{output}: the journal cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return count
