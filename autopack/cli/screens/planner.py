"""Has a planner make a plan while a person watches, and hands out what came of it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autopack.cli.options import system_clock
from autopack.cli.output import note
from autopack.cli.screens.plan_output import Destination, Ground, hand_out
from autopack.core.errors import InvalidInputError, StopRequested

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from autopack.executor.start.make_plan import PlanMade, PlanOrder

Model = Annotated[str | None, typer.Option("--model", metavar="M", help="This model: an alias, an id, or provider/model.")]
MaxUsd = Annotated[float | None, typer.Option("--max-usd", metavar="X", help="Never spend more than this on the plan.", min=0.000001)]
ReplayFile = Annotated[Path | None, typer.Option("--replay", metavar="FILE", help="Answer from a recorded journal, not from a provider.")]


def plan_by_planner(order: "PlanOrder", repo: Path) -> "PlanMade":
    """Progress goes to stderr. Raises as ``make_plan``."""
    from autopack.executor.project_state import open_project
    from autopack.executor.start.make_plan import make_plan
    from autopack.executor.watcher import Watcher

    clock = system_clock()
    project = open_project(repo, clock)
    try:
        return make_plan(project, order, clock, Watcher(lambda _event: None, note, lambda _end: None))
    except StopRequested:
        note("stopped: what was answered is kept, and is not asked again by the same command")
        raise
    finally:
        project.database.close()


def print_plan(made: "PlanMade", to: Destination, ground: Ground, given: tuple["Mapping[str, Any]", ...] = ()) -> None:
    """The plan, and what is wrong with it; raises InvalidInputError where anything is."""
    from autopack.planning.new.write import draft_of_reply

    if made.judged is None or made.judged.document is None:
        raise InvalidInputError(f"No plan came of {_tries(made.tries)}:", made.judged.sentences if made.judged else ())
    faults = made.judged.sentences
    extra: dict[str, Any] = {"id": made.id, "tries": made.tries, "faults": list(faults)}
    to = replace(to, is_whole=not faults)
    hand_out(draft_of_reply(made.judged.document, made.judged.faults, made.surroundings, given), to, ground.repository.top, extra)
    note(f"what it cost: autopack usage {made.id}")
    if faults:
        raise InvalidInputError(f"The plan is not whole after {_tries(made.tries)}; comments mark what is wrong:", _listed(faults))


def _listed(faults: "Iterable[str]") -> tuple[str, ...]:
    return tuple(f"  {fault}" for fault in faults)


def _tries(count: int) -> str:
    return f"{count} tries" if count != 1 else "one try"
