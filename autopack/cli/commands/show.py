"""``autopack show`` explains a phase on one screen."""

from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.from_here import in_words
from autopack.cli.open_state import opened
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import print_json
from autopack.cli.screens.screen import stdout_screen
from autopack.cli.screens.show_screen import show_lines
from autopack.cli.target import Target, choose_phase, phases_of
from autopack.core.errors import InvalidInputError
from autopack.core.plan import PhaseSpec
from autopack.executor.attempt.scope_grants import widened
from autopack.executor.project_state import ProjectState, pinned_plan
from autopack.reporting.log_files import LogOf, log_files
from autopack.reporting.phase_story import phase_story
from autopack.reporting.story import PhaseStory

First = Annotated[str, typer.Argument(metavar="[ID]", show_default=False, help="The run. Default: the newest.")]
Phase = Annotated[str | None, typer.Argument(metavar="PHASE", show_default=False, help="A phase of the run.")]


def show(first: First, phase: Phase = None, *, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Explain a phase: its attempts, checks, verdict, commit, and what to do next."""
    with opened(repo, system_clock()) as project:
        story = _story(project, *choose_phase(project, first, phase, "show"))
    if as_json:
        print_json({"schema": 1, **story.model_dump(mode="json")})
        return
    screen = stdout_screen()
    screen.show(show_lines(story.model_copy(update={"next": in_words(story.next, repo)}), screen.width))


def _story(project: ProjectState, target: Target, phase_id: str) -> PhaseStory:
    status = project.status(target.run_id)
    found = next(one for one in status.phases if one.id == phase_id)
    logs = {log.attempt: str(path) for log, path in sorted(log_files(target.records).items(), key=_derived_first) if log.phase == found.id}
    return phase_story(project.database, status, found, _spec(project, target, found.id), logs)


def _derived_first(item: tuple[LogOf, Path]) -> bool:
    """Sorts the log of the checks last: it stands for the attempt, where there is one."""
    return item[0].stage == "check"


def _spec(project: ProjectState, target: Target, phase_id: str) -> PhaseSpec | None:
    """The phase as the run's plan has it; None where another version's rules or a later revision no longer know it."""
    try:
        plan = pinned_plan(project, target.run)
    except InvalidInputError:
        return None
    spec = next((phase for phase in plan.phases if phase.id == phase_id), None)
    row = next((row for row in phases_of(project, target.run_id) if row.phase_id == phase_id), None)
    return widened(spec, row) if spec and row else spec
