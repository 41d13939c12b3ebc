"""``autopack gc`` takes away what runs that are over have left: work trees, logs or whole records, refs of what is merged."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import note, print_json
from autopack.cli.screens.columns import Column, in_columns
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.sizes import bytes_of
from autopack.cli.times import past_moment_of
from autopack.executor.start.make_context import folder_of
from autopack.executor.steer.collect_garbage import Collecting, Garbage, collect_garbage

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be taken away; change nothing.")]
Archive = Annotated[bool, typer.Option("--archive", help="Put the records of each run into one file, and take their folder away.")]
Older = Annotated[
    str, typer.Option("--older-than", metavar="AGE", help="Only runs that ended so long ago: 12h, 30d, 8w, or before a date.")
]
MaxSize = Annotated[
    str | None,
    typer.Option(
        "--max-size", metavar="SIZE", help="Younger runs too, the oldest first, until work trees and logs take no more: 500M, 2G.",
        show_default=False,
    ),
]  # fmt: skip

_COLUMNS: Final = (Column("RUN"), Column("WHAT"), Column("SIZE", is_right=True, rank=1), Column("WHERE", rank=2, wraps=True))
_MEGA: Final = 1_000_000


def gc(
    *,
    dry_run: DryRun = False,
    archive: Archive = False,
    older_than: Older = "30d",
    max_size: MaxSize = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Take away what runs that are over have left and nobody needs. What is unmerged, held or can go on stays."""
    clock = system_clock()
    before = past_moment_of(older_than, "--older-than", clock.now())
    max_bytes = bytes_of(max_size, "--max-size") if max_size is not None else None
    with opened(repo, clock) as project:
        settings = project.effective.settings
        asked = Collecting(project, lambda run_id: folder_of(project, settings, run_id), before, archive, dry_run, max_bytes)
        garbage, kept = collect_garbage(asked)
    if as_json:
        lists = {"garbage": [one.model_dump() for one in garbage], "kept": [one.model_dump() for one in kept]}
        print_json({"schema": 1, "is_dry_run": dry_run, **lists})
        return
    if garbage:
        screen = stdout_screen()
        screen.show(in_columns(_COLUMNS, list(map(_row, garbage)), screen.width))
    for one in kept:
        note(f"{one.run_id} stays: {one.why}.")
    if not garbage:
        note("there is nothing to take away.")
    elif dry_run:
        note("nothing was changed.")


def _row(one: Garbage) -> tuple[Text, ...]:
    size = f"{one.count} refs" if one.kind == "refs" else f"{one.size / _MEGA:,.1f} MB"
    where = f"{one.path} -> {one.archive}" if one.archive else one.path
    return Text(one.run_id), Text(one.kind), Text(size), Text(where)
