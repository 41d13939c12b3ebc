"""``autopack show`` explains a phase on one screen."""

from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.from_here import in_words
from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import print_model
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.screens.show_screen import show_lines
from autopack.cli.target import choose_phase
from autopack.executor.look.phase_shown import phase_shown

First = Annotated[str, typer.Argument(metavar="[ID]", show_default=False, help="The run. Default: the newest.")]
Phase = Annotated[str | None, typer.Argument(metavar="PHASE", show_default=False, help="A phase of the run.")]


def show(first: First, phase: Phase = None, *, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Explain a phase: its attempts, checks, verdict, commit, and what to do next."""
    with opened(repo, system_clock()) as project:
        target, chosen = choose_phase(project, first, phase, "show")
        story = phase_shown(project, target.run, chosen)
    if as_json:
        print_model(story)
        return
    screen = stdout_screen()
    screen.show(show_lines(story.model_copy(update={"next": in_words(story.next, repo)}), screen.width))
