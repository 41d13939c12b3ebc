"""``autopack plan graph`` draws the order of a plan's phases."""

from pathlib import Path
from typing import Annotated

import typer

from autopack.cli.options import AsJson, Repo
from autopack.cli.output import print_json
from autopack.cli.printable import flat
from autopack.core.errors import EnvironmentBlockedError
from autopack.core.printed import SCHEMA

File = Annotated[
    str | None,
    typer.Argument(metavar="FILE", show_default=False, help="The plan, or the name of one in .autopack/plans. Default: autopack.yaml."),
]
AsMermaid = Annotated[bool, typer.Option("--mermaid", help="A Mermaid diagram, for a page that draws one, instead of a tree.")]


def graph(file: File = None, *, mermaid: AsMermaid = False, repo: Repo = Path(), as_json: AsJson = False) -> None:
    """Draw the order of a plan's phases: a tree, or a Mermaid diagram."""
    from autopack.planning import graph as drawing
    from autopack.planning.plan_file import find_plan, load_plan

    top = _top(repo)
    plan = load_plan(find_plan(top, file).as_written, top.name)
    if as_json:
        phases = [{"id": phase.id, "depends_on": list(phase.depends_on)} for phase in plan.phases]
        print_json({"schema": SCHEMA, "phases": phases, "mermaid": drawing.mermaid(plan)})
    elif mermaid:
        typer.echo(drawing.mermaid(plan), nl=False)
    else:
        for line in drawing.tree_lines(plan):
            typer.echo(flat(line))


def _top(repo: Path) -> Path:
    """A plan can be drawn outside of a repository too, unless one was named."""
    from autopack.settings.environment import inherited_environment
    from autopack.worktree.repository import Repository

    try:
        return Repository.discover(repo, inherited_environment()).top
    except EnvironmentBlockedError:
        if repo != Path():
            raise
        return repo.resolve()
