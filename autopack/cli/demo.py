"""``autopack demo``: the main job on a small project, offline."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.options import system_clock

Directory = Annotated[
    Path | None,
    typer.Option("--dir", metavar="DIR", help="A new or empty folder. Default: one in the temporary folder.", show_default=False),
]
Live = Annotated[bool, typer.Option("--live", help="Ask the models that your keys pay for, instead of playing the journal.")]


def demo(*, directory: Directory = None, live: Live = False) -> None:
    """Run a plan of four phases over a small project, from a journal written by hand: no key, no network."""
    from autopack.cli.run import display_for, printed_after
    from autopack.executor.demo import make_demo
    from autopack.executor.options import RunOptions
    from autopack.executor.start_run import start_run
    from autopack.executor.watcher import Watcher

    project = make_demo(directory)
    say = f"A project of its own lies in {project.repo}\n"
    say += "Its plan runs live now.\n" if live else "Its plan runs on replies that were written by hand: no key, no network, no cost.\n"
    print(say, file=sys.stderr)
    options = RunOptions(repo=project.repo, run_id="demo", replay=None if live else project.journal)
    clock = system_clock()
    with ExitStack() as after, display_for(as_json=False) as display:
        end = start_run(options, clock, Watcher(display.observe, display.say, printed_after(after, as_json=False)))
    _print_commits(project.repo)
    raise typer.Exit(end.exit_code)


def _print_commits(repo: Path) -> None:
    from autopack.executor.place import open_place
    from autopack.worktree.history import commits_between

    place = open_place(repo, system_clock())
    run = place.run("demo")
    print("\nThe commits on " + run.branch + ":")
    for line in commits_between(place.repository, run.base_commit, run.branch):
        print("  " + line)
    print("\nWhat to type next:")
    print(f"  cd {repo}")
    for line in (
        "autopack status          # how the run ended",
        "autopack show demo temperatures   # the phase whose first reply failed its tests",
        "autopack diff demo       # everything it changed",
        "git log -p autopack/demo",
        "autopack run --new       # the same plan, live, with a key of yours in the environment",
    ):
        print("  " + line)
