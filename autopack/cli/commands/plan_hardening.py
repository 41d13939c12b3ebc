"""``autopack plan hardening`` makes a plan from a template and fits it to the repository; ``plan templates`` lists them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import note, print_json
from autopack.cli.printable import flat, one_line
from autopack.cli.screens.plan_output import Destination, Ground, MergeWith, Output, ProjectName, hand_out
from autopack.core.errors import EnvironmentBlockedError, InvalidInputError
from autopack.core.printed import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from autopack.planning.phase_draft import PlanDraft
    from autopack.planning.templates.compose import Fitted
    from autopack.planning.templates.library import Known, Library

DEFAULT: Final = "hardening"
SUMMARY_MAX: Final = 100

Features = Annotated[
    str | None,
    typer.Option("--features", metavar="A,B", help="Only the phases of these features. Default: all phases.", show_default=False),
]
ScopeOf = Annotated[
    list[str] | None,
    typer.Option(
        "--scope",
        metavar="PHASE=PATH",
        help="The place of a phase, instead of what would be found; may be given again.",
        show_default=False,
    ),
]
TemplateName = Annotated[str, typer.Option("--template", metavar="NAME", help="The template; `autopack plan templates` lists them.")]
Action = Annotated[str | None, typer.Argument(metavar="[show]", help="show: print the template of that name.", show_default=False)]
Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="The template's name.", show_default=False)]


def hardening(
    *,
    features: Features = None,
    scope: ScopeOf = None,
    template: TemplateName = DEFAULT,
    project: ProjectName = None,
    output: Output = None,
    merge: MergeWith = None,
    repo: Repo = Path(),
    as_json: AsJson = False,
) -> None:
    """Make a plan from a template, its scopes fitted to the files of this repository."""
    from autopack.planning.templates.compose import choose, compose, named_scopes, sentence_on
    from autopack.planning.templates.library import phase_defaults

    ground = Ground.at(repo)
    found = _library(ground.repository.top).of(template).template
    chosen = choose(found, tuple(filter(None, (word.strip() for word in (features or "").split(",")))))
    named = named_scopes(scope or (), chosen)
    fitted = compose(found, chosen, named, ground.terrain, phase_defaults())
    if fitted.left_out:
        note(f"note: {sentence_on(fitted.left_out)}")
    if not fitted.places:
        raise InvalidInputError("No phase found its place in this repository; name places with `--scope PHASE=PATH`.")
    hand_out(_with_head(fitted, ground, project), Destination(output, merge, as_json), ground.repository.top, _found(fitted))


def templates(action: Action = None, name: Name = None, *, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """List the templates of plans, shipped, your own and the repository's; `show NAME` prints one."""
    from autopack.core.errors import UsageError
    from autopack.settings.environment import inherited_environment
    from autopack.worktree.repository import Repository

    if (action is not None and action != "show") or (action is not None and name is None):
        raise UsageError("Write `autopack plan templates`, or `autopack plan templates show NAME`.")
    try:
        top = Repository.discover(repo, inherited_environment()).top
    except EnvironmentBlockedError:
        if repo != Path():
            raise
        top = None
    library = _library(top)
    known = library.known if name is None else (library.of(name),)
    if as_json:
        print_json({"schema": SCHEMA, "templates": [_record(each) for each in known]})
    else:
        for line in _listing(known) if name is None else _shown(known[0]):
            typer.echo(flat(line))


def _library(top: Path | None) -> "Library":
    from autopack.planning.templates.library import read_library
    from autopack.settings.environment import process_environment
    from autopack.settings.paths import repository_config_dir, user_config_dir

    return read_library(repository_config_dir(top) if top is not None else None, user_config_dir(process_environment()))


def _with_head(fitted: "Fitted", ground: Ground, project: str | None) -> "PlanDraft":
    from dataclasses import replace

    from autopack.planning.templates.library import phase_defaults

    remark = "Made by `autopack plan hardening` from what this repository holds; look at the scopes, and at what a comment calls new."
    head = ground.head(project, str(fitted.draft.head["goal"]), phase_defaults().defaults)
    return replace(fitted.draft, head=head, remark=remark)


def _found(fitted: "Fitted") -> "Mapping[str, object]":
    places = [{"phase": name, "paths": place.paths, "new": place.new, "why": place.why} for name, place in fitted.places.items()]
    return {"found": places, "left_out": [phase.id for phase in fitted.left_out]}


def _record(known: "Known") -> "Mapping[str, object]":
    return {"name": known.template.name, "origin": known.origin, "file": known.file, "template": known.template.model_dump(mode="json")}


def _listing(known: "Iterable[Known]") -> list[str]:
    lines = []
    for each in known:
        lines.append(f"{each.template.name}  ({each.origin}: {each.file})  {each.template.summary}")
        lines.append(f"  features: {', '.join(each.template.features)}")
    return lines


def _shown(known: "Known") -> list[str]:
    template = known.template
    lines = [f"{template.name}: {template.summary}", f"goal: {template.goal}", ""]
    for phase in template.phases:
        lines.append(f"{phase.id}  ({', '.join(phase.features)}; {phase.task_category}, {phase.complexity})")
        lines.append(f"  {one_line(phase.description, SUMMARY_MAX)}")
        lines += [f"  - {criterion}" for criterion in phase.acceptance_criteria]
    return lines
