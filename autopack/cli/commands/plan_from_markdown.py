"""``autopack plan from-markdown`` makes a plan of a document that tells what is to be done."""

from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note
from autopack.cli.screens.plan_output import Destination, Ground, MergeWith, Output, ProjectName, hand_out
from autopack.cli.screens.planner import MaxUsd, Model
from autopack.core.counted import counted
from autopack.core.errors import InvalidInputError, UsageError

if TYPE_CHECKING:
    from autopack.planning.markdown.compose import Made
    from autopack.planning.markdown.read import Document
    from autopack.planning.phase_draft import PlanDraft

GOAL_WIDTH: Final = 110

File = Annotated[str, typer.Argument(metavar="FILE", help="Markdown, or the tasks.json of Task Master.", show_default=False)]
Each = Annotated[
    Literal["auto", "heading", "item"],
    typer.Option(
        "--each", help="What becomes a phase: a heading, or an item of a list. auto: numbered headings, else items, else headings."
    ),
]
Tag = Annotated[str | None, typer.Option("--tag", metavar="NAME", help="Which list of a tasks.json. Default: master.", show_default=False)]


def from_markdown(
    file: File,
    *,
    each: Each = "auto",
    tag: Tag = None,
    model: Model = None,
    max_usd: MaxUsd = None,
    project: ProjectName = None,
    output: Output = None,
    merge: MergeWith = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a plan of a document: headings, check lists, numbered steps, spec-kit's tasks.md, Task Master's tasks.json."""
    from autopack.planning.markdown.compose import phases_of
    from autopack.planning.markdown.read import read_document

    if max_usd is not None and model is None:
        raise UsageError("`--max-usd` caps what a planner costs, and none is asked; name one with `--model`.")
    ground = Ground.at(repo)
    document = read_document(Path(file).absolute(), file, each, tag)
    made = phases_of(document.pieces, ground.terrain)
    if not made.phases:
        raise InvalidInputError(f"Everything in {file} is done: there is nothing to make a phase of.")
    _tell(document, made)
    if model is not None:
        _ask(document, made, ground, _Wanted(project, model, max_usd, repo), Destination(output, merge, as_json))
        return
    destination = Destination(output, merge, as_json, is_whole=not made.without_scope)
    extra = {"without_scope": made.without_scope, "done": made.done}
    hand_out(_draft(document, made, ground, project, file), destination, ground.repository.top, extra)
    if made.without_scope:
        names = ", ".join(made.without_scope)
        raise InvalidInputError(
            f"The plan is not whole: {file} does not say which files {names} may change. Add a `scope` where a comment asks for it."
        )


@dataclass(frozen=True)
class _Wanted:
    project: str | None
    model: str
    max_usd: float | None
    repo: Path


def _ask(document: "Document", made: "Made", ground: Ground, wanted: _Wanted, to: Destination) -> None:
    """A planner fills in what the document does not say; guesses are not said."""
    from autopack.cli.screens.planner import plan_by_planner, print_plan
    from autopack.executor.start.make_plan import PlanOrder

    given = tuple({key: value for key, value in phase.document.items() if key not in phase.guesses} for phase in made.phases)
    head = {key: value for key, value in _head(document, ground, wanted.project).items() if value is not None}
    name = str(head.get("project") or ground.repository.top.name)
    order = replace(PlanOrder(document.goal, head, ground.tests, name), model=wanted.model, max_usd=wanted.max_usd)
    order = replace(order, document=document.text, given=given)
    print_plan(plan_by_planner(order, wanted.repo), to, ground, given)


def _tell(document: "Document", made: "Made") -> None:
    if document.ignored:
        note(f"note: not taken from the front matter: {', '.join(document.ignored)}")
    if made.done:
        note(f"note: left out, since it is done: {', '.join(made.done)}")
    guessed = sum(bool(phase.guesses) for phase in made.phases)
    if guessed:
        note(f"note: {guessed} of {counted(len(made.phases), 'phase')} hold guesses; comments mark them")


def _draft(document: "Document", made: "Made", ground: Ground, project: str | None, file: str) -> "PlanDraft":
    from autopack.planning.phase_draft import PlanDraft

    remark = f"Made by `autopack plan from-markdown` from {file}; what a comment calls guessed, look at."
    return PlanDraft(_head(document, ground, project), made.phases, remark)


def _head(document: "Document", ground: Ground, project: str | None) -> dict[str, Any]:
    goal = fill(document.goal, GOAL_WIDTH)
    head = ground.head(project, goal, {}) if "defaults" not in document.head else {"project": project, "goal": goal}
    given = {key: value for key, value in document.head.items() if key != "project" or project is None}
    return {**head, **given}
