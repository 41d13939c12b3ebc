"""``autopack demo`` does the main job on a small project, offline."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from autopack.cli.from_here import from_here
from autopack.cli.options import system_clock

Directory = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help="A new or empty folder. Default: one in the temporary folder.", show_default=False),
]
Live = Annotated[bool, typer.Option("--live", help="Ask the models that your keys pay for, instead of playing the journal.")]


def demo(*, directory: Directory = None, live: Live = False) -> None:
    """Run a plan of four phases over a small project, from a journal written by hand: no key, no network."""
    from autopack.cli.commands.run import display_for, printed_after
    from autopack.executor.options import RunOptions
    from autopack.executor.start.demo import make_demo
    from autopack.executor.start.start_run import start_run
    from autopack.executor.watcher import Watcher

    project = make_demo(directory)
    say = f"A project of its own lies in {project.repo}\n"
    say += "Its plan runs live now.\n" if live else "Its plan runs on replies that were written by hand: no key, no network, no cost.\n"
    print(say, file=sys.stderr)
    options = RunOptions(repo=project.repo, run_id="demo", replay=None if live else project.journal)
    clock = system_clock()
    with ExitStack() as after, display_for(as_json=False) as display:
        finish = printed_after(after, project.repo, as_json=False)
        end = start_run(options, clock, Watcher(display.observe, display.say, lambda end: finish(replace(end, next=()))))
    _print_summary(project.repo, is_live=live)
    raise typer.Exit(end.exit_code)


def _print_summary(repo: Path, *, is_live: bool) -> None:
    """Phases, attempts, tokens, cost, commits, and what to type next."""
    from autopack.cli.screens.screen import stdout_screen
    from autopack.cli.screens.status_screen import money_lines, phase_lines
    from autopack.executor.project_state import open_project
    from autopack.worktree.new_repository import commits_between

    project = open_project(repo, system_clock())
    status, screen = project.status("demo"), stdout_screen()
    screen.show(("", *phase_lines(status, screen.width), "", *money_lines(status)))
    if not is_live:
        screen.show(("", "The replies were written by hand: no model was asked. The edits, the tests and the commits are real."))
    commits = commits_between(project.repository, status.base_commit, status.branch)
    screen.show(("", f"The commits on {status.branch}:", *(f"  {line}" for line in commits)))
    screen.show(("", "What to type next:", *(line for command, why in _NEXT for line in (f"  # {why}", f"  {from_here(command, repo)}"))))


_NEXT: Final = (
    ("autopack status demo", "how the run ended"),
    ("autopack show demo temperatures", "the phase whose first reply failed its tests"),
    ("autopack diff demo", "everything it changed"),
    ("git log -p autopack/demo", "commit by commit"),
    ("git merge autopack/demo", "into the branch of the project's checkout"),
    ("autopack run --new", "the same plan, live, with a key of yours in the environment"),
)
