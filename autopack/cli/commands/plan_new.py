"""``autopack plan new`` has a model make a plan of a goal."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autopack.cli.from_here import from_here
from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.cli.screens.plan_output import Destination, Ground, Output, ProjectName
from autopack.cli.screens.planner import MaxUsd, Model, ReplayFile, plan_by_planner, print_plan
from autopack.core.errors import UsageError
from autopack.core.printed import SCHEMA

if TYPE_CHECKING:
    from autopack.executor.start.make_plan import PlanMade

Goal = Annotated[str, typer.Argument(metavar="GOAL", help="What the whole run is for, in a sentence or a paragraph.", show_default=False)]
Kickoff = Annotated[bool, typer.Option("--kickoff", help="First research, analysis and open questions, side by side; then the plan.")]
AnswersFile = Annotated[
    str | None, typer.Option("--answers", metavar="FILE", help="The questions of --kickoff, filled in.", show_default=False)
]


def new(
    goal: Goal,
    *,
    kickoff: Kickoff = False,
    answers: AnswersFile = None,
    model: Model = None,
    max_usd: MaxUsd = None,
    replay: ReplayFile = None,
    project: ProjectName = None,
    output: Output = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Have a model make a plan of a goal; it is checked as every plan, and sent back with what is wrong."""
    from autopack.executor.start.make_plan import PlanOrder
    from autopack.planning.new.questions import read_answers

    if not goal.strip():
        raise UsageError('The goal is empty; write it out: autopack plan new "Add a search to the shop".')
    if answers is not None and not kickoff:
        raise UsageError("--answers belongs to --kickoff, whose questions it answers.")
    if output is not None and Path(output).exists():
        raise UsageError(f"{output} is there already; nothing was asked. Name another file with `-o`, or remove it.")
    ground = Ground.at(repo)
    name = project or ground.repository.top.name
    head = {key: value for key, value in ground.head(project, goal, {}).items() if value is not None and key != "goal"}
    filled = read_answers(Path(answers), answers) if answers is not None else None
    order = PlanOrder(goal, {**head, "goal": goal}, ground.tests, name, kickoff, filled, model, max_usd, replay)
    made = plan_by_planner(order, repo)
    if made.judged is None:
        _print_questions(made, goal, as_json=as_json)
        return
    print_plan(made, Destination(output, None, as_json), ground)


def _print_questions(made: "PlanMade", goal: str, *, as_json: bool) -> None:
    """The file to fill in, on stdout."""
    from autopack.planning.new.questions import questions_text

    if as_json:
        print_json({"schema": SCHEMA, "id": made.id, "questions": [question.model_dump() for question in made.questions]})
    else:
        typer.echo(questions_text(made.questions), nl=False)
    many = "a question is" if len(made.questions) == 1 else f"{len(made.questions)} questions are"
    again = f"autopack plan new {shlex.quote(goal)} --kickoff --answers FILE"
    note(f"{many} open, so no plan was made yet; fill in what stands on stdout", next_command=from_here(again, Path()))
