"""``autopack errors``: what went wrong in a run, what resolved it, and how failures were overcome."""

from pathlib import Path
from typing import Annotated, Final

import typer

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, NewestRun, Repo, system_clock
from autopack.cli.output import note, print_model
from autopack.cli.screens.errors_screen import error_lines, error_rows, overcome_lines
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.target import choose_run
from autopack.core.errors import UsageError
from autopack.executor.project_state import ProjectState
from autopack.reporting.debug_journal import DebugJournal, debug_journal
from autopack.reporting.error_files import OUTSIDE, errors_folder, read_reports
from autopack.reporting.error_list import ErrorList, ErrorStory, error_list, error_summary

All = Annotated[bool, typer.Option("--all", help="Over all runs of this repository.")]
Number = Annotated[str | None, typer.Argument(metavar="NUMBER", show_default=False, help="Its number in the run. Default: the newest.")]

_NOTHING: Final = "nothing has gone wrong."


def list_errors(run_id: NewestRun = None, *, everywhere: All = False, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """List what went wrong in a run, oldest first, and what resolved it."""
    with opened(repo, system_clock()) as place:
        found = _found(place, run_id, everywhere=everywhere)
    if as_json:
        print_model(found)
        return
    screen = stdout_screen()
    if found.errors:
        screen.show(error_rows(found.errors, screen.width, has_runs=everywhere))
    else:
        note(_NOTHING)


def show(run_id: NewestRun = None, number: Number = None, *, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Show one error: what was said, what was being done, the stack, versions, and what resolved it."""
    if number is None and run_id is not None and run_id.isdecimal():
        run_id, number = None, run_id
    with opened(repo, system_clock()) as place:
        found = _found(place, run_id, everywhere=False)
        error = _chosen(found, number)
        files = errors_folder(place.records, error.run_id or OUTSIDE) / f"{error.name}.txt"
    if as_json:
        print_model(error)
        return
    screen = stdout_screen()
    screen.show(error_lines(error, screen.width))
    if files.is_file():
        note(f"This report lies in {files} and, as JSON, beside it.")


def summary(run_id: NewestRun = None, *, everywhere: All = False, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Count what went wrong by kind, component and phase; those that are alike stand together."""
    with opened(repo, system_clock()) as place:
        found = error_summary(_found(place, run_id, everywhere=everywhere))
    if as_json:
        print_model(found)
    else:
        stdout_screen().show(found.summary.splitlines())


def journal(run_id: NewestRun = None, *, everywhere: All = False, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Tell of each failure that was overcome what it was, what was tried, and what resolved it."""
    with opened(repo, system_clock()) as place:
        run_ids, named = _runs(place, run_id, everywhere=everywhere)
        found = DebugJournal(run_id=named, entries=debug_journal(place.database, run_ids))
    if as_json:
        print_model(found)
        return
    screen = stdout_screen()
    for entry in found.entries:
        screen.show([f"{entry.run_id} {entry.phase}" if everywhere else entry.phase])
        screen.show(overcome_lines(entry, screen.width))
    if not found.entries:
        note("no failure has been overcome.")


def _found(place: ProjectState, run_id: str | None, *, everywhere: bool) -> ErrorList:
    """``-`` stands for the commands that belong to no run."""
    is_outside = run_id == OUTSIDE
    outside = read_reports(errors_folder(place.records, OUTSIDE)) if is_outside or everywhere else ()
    if is_outside:
        numbered = [report.model_copy(update={"number": number}) for number, report in enumerate(outside, 1)]
        return error_list(place.database, (), OUTSIDE, numbered)
    run_ids, named = _runs(place, run_id, everywhere=everywhere)
    return error_list(place.database, run_ids, named, outside)


def _runs(place: ProjectState, run_id: str | None, *, everywhere: bool) -> tuple[list[str], str | None]:
    """The runs that are meant, and the one that stands for them."""
    if everywhere and run_id is not None:
        raise UsageError("name a run, or say --all.")
    if everywhere:
        return [row.run_id for row in reversed(place.runs.newest_first())], None
    chosen = choose_run(place, run_id).run_id
    return [chosen], chosen


def _chosen(found: ErrorList, number: str | None) -> ErrorStory:
    if not found.errors:
        raise UsageError(f"nothing has gone wrong in '{found.run_id}'.", next_command="autopack errors list --all")
    if number is None:
        return found.errors[-1]
    chosen = next((error for error in found.errors if number in (str(error.number), error.name)), None)
    if chosen is None:
        known = f"1 to {found.errors[-1].number}"
        raise UsageError(
            f"'{found.run_id}' has no error '{number}'; they are {known}.", next_command=f"autopack errors list {found.run_id}"
        )
    return chosen
