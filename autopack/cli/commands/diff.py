"""``autopack diff`` prints what a run or one of its phases changed, against what it started from."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, NewestRun, PhaseOfRun, Repo, system_clock
from autopack.cli.output import note, print_model
from autopack.cli.printable import flat
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.screens.stat_lines import shown_path, stat_lines
from autopack.cli.target import choose
from autopack.core.errors import UsageError
from autopack.executor.look.run_diff import diff_shown, span_of
from autopack.worktree.diff import diff as diff_of
from autopack.worktree.diff import numstat, write_patch

_LARGEST: Final = 5_000_000
_STYLES: Final = (("+++", "bold"), ("---", "bold"), ("diff ", "bold"), ("@@", "cyan"), ("+", "green"), ("-", "red"))


Attempt = Annotated[
    int | None, typer.Option("--attempt", metavar="N", min=1, help="What this attempt of the phase had made, landed or not.")
]
Stat = Annotated[bool, typer.Option("--stat", help="Only how many lines of each file.")]
NameOnly = Annotated[bool, typer.Option("--name-only", help="Only the files' names.")]


def diff(
    run_id: NewestRun = None,
    phase: PhaseOfRun = None,
    *,
    attempt: Attempt = None,
    stat: Stat = False,
    name_only: NameOnly = False,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Print the change of a run's branch against its base, or of one phase against its parent."""
    if stat + name_only + as_json > 1:
        raise UsageError("choose one of --stat, --name-only and --json.")
    with opened(repo, system_clock()) as project:
        target = choose(project, run_id, phase)
        if as_json:
            print_model(diff_shown(project, target.run, target.phase, attempt))
            return
        span = span_of(project, target.run, target.phase, attempt)
    if span.note:
        note(span.note)
    old, new = span.old, span.new
    changes = numstat(project.repository, old, new)
    screen = stdout_screen()
    if not changes:
        note(f"no difference between {old[:10]} and {new[:10]}.")
    elif stat or name_only:
        screen.show(stat_lines(changes) if stat else (shown_path(change.path) for change in changes))
    elif screen.width is None:
        write_patch(project.repository, old, new, sys.stdout.buffer)
    else:
        screen.show(_coloured(diff_of(project.repository, old, new, max_bytes=_LARGEST)))


def _coloured(text: str) -> Iterator[Text]:
    for line in text.removesuffix("\n").split("\n"):
        style = next((style for start, style in _STYLES if line.startswith(start)), "")
        yield Text(flat(line.removesuffix("\r")), style=style)
