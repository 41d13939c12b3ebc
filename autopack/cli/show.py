"""``autopack show``: one screen that explains a phase."""

from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.check_log import check_logs
from autopack.cli.options import AsJson, Repo, system_clock
from autopack.cli.output import print_json
from autopack.cli.screen import stdout_screen
from autopack.cli.show_screen import show_lines
from autopack.cli.target import Target, choose
from autopack.core.errors import InvalidInputError, UsageError
from autopack.core.plan import PhaseSpec
from autopack.executor.place import Place, open_place
from autopack.planning.plan_file import PlanSource, load_plan
from autopack.reporting.phase_story import PhaseStory, phase_story

First = Annotated[str, typer.Argument(metavar="[ID]", show_default=False, help="The run. Default: the newest.")]
Phase = Annotated[str | None, typer.Argument(metavar="PHASE", show_default=False, help="A phase of the run.")]


def show(first: First, phase: Phase = None, *, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Explain a phase: its attempts, checks, verdict, commit, and what to do next."""
    place = open_place(repo, system_clock())
    target = choose(place, first, phase)
    if target.phase is None:
        names = ", ".join(one.id for one in place.status(target.run_id).phases)
        raise UsageError(f"which phase of '{target.run_id}'? It has {names}.", next_command=f"autopack show {target.run_id} PHASE")
    story = _story(place, target, target.phase.phase_id)
    if as_json:
        print_json({"schema": 1, **story.model_dump(mode="json")})
        return
    screen = stdout_screen()
    screen.show(show_lines(story, screen.width))


def _story(place: Place, target: Target, phase_id: str) -> PhaseStory:
    status = place.status(target.run_id)
    phase = next(one for one in status.phases if one.id == phase_id)
    logs = {attempt: str(path) for (name, attempt), path in check_logs(target).items() if name == phase_id}
    return phase_story(place.database, status, phase, _spec(place, target, phase_id), logs)


def _spec(place: Place, target: Target, phase_id: str) -> PhaseSpec | None:
    """The phase as the run's plan has it; None where another version's rules or a later revision no longer know it."""
    try:
        plan = load_plan(PlanSource.pinned(target.run.plan_path, place.runs.plan(target.run_id).text), target.run.project)
    except InvalidInputError:
        return None
    return next((phase for phase in plan.phases if phase.id == phase_id), None)
