"""``autopack plan from-markdown`` makes a plan of a document that tells what is to be done."""

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note
from autopack.cli.screens.plan_output import Destination, Ground, MergeWith, Output, ProjectName, hand_out
from autopack.core.errors import InvalidInputError

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
    project: ProjectName = None,
    output: Output = None,
    merge: MergeWith = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a plan of a document: headings, check lists, numbered steps, spec-kit's tasks.md, Task Master's tasks.json."""
    from autopack.planning.markdown.compose import phases_of
    from autopack.planning.markdown.read import read_document

    ground = Ground.at(repo)
    document = read_document(Path(file).absolute(), file, each, tag)
    made = phases_of(document.pieces, ground.terrain)
    if not made.phases:
        raise InvalidInputError(f"Everything in {file} is done: there is nothing to make a phase of.")
    _tell(document, made)
    destination = Destination(output, merge, as_json, is_whole=not made.without_scope)
    extra = {"without_scope": made.without_scope, "done": made.done}
    hand_out(_draft(document, made, ground, project, file), destination, ground.repository.top, extra)
    if made.without_scope:
        names = ", ".join(made.without_scope)
        raise InvalidInputError(
            f"The plan is not whole: {file} does not say which files {names} may change. Add a `scope` where a comment asks for it."
        )


def _tell(document: "Document", made: "Made") -> None:
    if document.ignored:
        note(f"note: not taken from the front matter: {', '.join(document.ignored)}")
    if made.done:
        note(f"note: left out, since it is done: {', '.join(made.done)}")
    guessed = sum(bool(phase.guesses) for phase in made.phases)
    if guessed:
        note(f"note: {guessed} of {len(made.phases)} phases hold guesses; comments mark them")


def _draft(document: "Document", made: "Made", ground: Ground, project: str | None, file: str) -> "PlanDraft":
    from autopack.planning.phase_draft import PlanDraft

    goal = fill(document.goal, GOAL_WIDTH)
    head = ground.head(project, goal, {}) if "defaults" not in document.head else {"project": project, "goal": goal}
    given = {key: value for key, value in document.head.items() if key != "project" or project is None}
    return PlanDraft(
        {**head, **given}, made.phases, f"Made by `autopack plan from-markdown` from {file}; what a comment calls guessed, look at."
    )
