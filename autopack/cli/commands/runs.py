"""``autopack runs`` lists the runs of this repository, newest first."""

from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import note, print_model
from autopack.cli.screens.run_list_screen import run_list_lines
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.times import past_moment_of
from autopack.core.states import RunState
from autopack.executor.lock import is_alive
from autopack.store.run_list import EVERY, Wanted, run_page

States = Annotated[list[RunState] | None, typer.Option("--state", show_default=False, help="Only runs in this state; may be given again.")]
OfProject = Annotated[str | None, typer.Option("--project", metavar="NAME", show_default=False, help="Only runs of this project.")]
Containing = Annotated[
    str | None, typer.Option("--text", metavar="TEXT", show_default=False, help="Only runs with this in id, goal, branch or message.")
]
Since = Annotated[
    str | None, typer.Option("--since", metavar="WHEN", show_default=False, help="Only runs begun since: a date (2026-03-01), 12h, 7d, 2w.")
]
Before = Annotated[str | None, typer.Option("--before", metavar="WHEN", show_default=False, help="Only runs begun before that.")]
Limit = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, show_default=False, help="So many at most.")]
After = Annotated[str | None, typer.Option("--after", metavar="ID", show_default=False, help="Begin with the run that follows this one.")]


def runs(
    *,
    state: States = None,
    project: OfProject = None,
    text: Containing = None,
    since: Since = None,
    before: Before = None,
    limit: Limit = None,
    after: After = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """List the runs of this repository, newest first."""
    clock = system_clock()
    with opened(repo, clock) as place:
        wanted = Wanted(
            states=frozenset(state or ()),
            project=project,
            text=text,
            since=past_moment_of(since, "--since", clock.now()) if since else None,
            until=past_moment_of(before, "--before", clock.now()) if before else None,
            after=place.run(after) if after else None,
            limit=limit,
        )
        page = run_page(place.database, lambda run_id: is_alive(place.locks, run_id), wanted)
        top = place.repository.top
    if as_json:
        print_model(page)
        return
    if not page.runs:
        note(f"there is no run in {top} yet." if wanted == EVERY else f"there is no such run in {top}.")
        return
    screen = stdout_screen()
    screen.show(run_list_lines(page.runs, screen.width))
    if page.next is not None:
        note(f"older ones: --after {page.next}")
