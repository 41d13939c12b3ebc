"""``autopack gc`` takes away what runs that are over have left: work trees, logs or whole records, journals and refs of what is merged."""

from functools import partial
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
from autopack.core.printed import SCHEMA
from autopack.executor.start.make_context import folder_of
from autopack.executor.start.run_inputs import redactor_of_calls
from autopack.executor.steer.collect_garbage import collect_garbage
from autopack.executor.steer.garbage import Collecting, Garbage

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be taken away; change nothing.")]
Archive = Annotated[bool, typer.Option("--archive", help="Put records and journal of each run into files first.")]
KeepJournals = Annotated[bool, typer.Option("--keep-journals", help="Leave what models were asked and answered, for replays.")]
Older = Annotated[
    str, typer.Option("--older-than", metavar="AGE", help="Only runs that ended so long ago: 12h, 30d, 8w, or before a date.")
]
MaxSize = Annotated[
    str | None,
    typer.Option(
        "--max-size", metavar="SIZE", help="Younger runs too, the oldest first, until trees, logs and journals take no more: 500M, 2G.",
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
    keep_journals: KeepJournals = False,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Take away what runs that are over have left and nobody needs. What is unmerged, held or can go on stays."""
    clock = system_clock()
    before = past_moment_of(older_than, "--older-than", clock.now())
    max_bytes = bytes_of(max_size, "--max-size") if max_size is not None else None
    with opened(repo, clock) as project:
        settings = project.effective.settings
        asked = Collecting(
            project,
            folder_of=partial(folder_of, project, settings),
            redactor_of=partial(redactor_of_calls, project),
            before=before,
            archives=archive,
            is_dry=dry_run,
            max_bytes=max_bytes,
            keeps_journals=keep_journals,
        )
        garbage, kept, is_database_long = collect_garbage(asked)
    if as_json:
        lists = {"garbage": [one.model_dump() for one in garbage], "kept": [one.model_dump() for one in kept]}
        print_json({"schema": SCHEMA, "is_dry_run": dry_run, **lists})
        return
    if garbage:
        screen = stdout_screen()
        screen.show(in_columns(_COLUMNS, list(map(_row, garbage)), screen.width))
    for one in kept:
        note(f"{one.run_id} stays: {one.why}.")
    if is_database_long:
        note("the state database gets shorter at the next gc, when no process works on a run.")
    if not garbage:
        note("there is nothing to take away.")
    elif dry_run:
        note("nothing was changed.")


def _row(one: Garbage) -> tuple[Text, ...]:
    size = f"{one.count} refs" if one.kind == "refs" else f"{one.size / _MEGA:,.1f} MB"
    where = f"{one.path} -> {one.archive}" if one.archive else one.path
    return Text(one.run_id), Text(one.kind), Text(size), Text(where)
