"""Hands out a plan that was made: as text on stdout, as JSON, into a file, or merged into a plan that is there."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autopack.cli.output import note, print_json
from autopack.core.counted import counted
from autopack.core.printed import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autopack.planning.phase_draft import PlanDraft
    from autopack.planning.project_tests import ProjectTests
    from autopack.planning.templates.fit import Terrain
    from autopack.worktree.base_tree import BaseTree
    from autopack.worktree.repository import Repository

Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the plan into this new file. Default: print it.", show_default=False),
]
MergeWith = Annotated[
    str | None,
    typer.Option("--merge", metavar="PLAN", help="Add to this plan what it does not have; what it has stays as it is.", show_default=False),
]
ProjectName = Annotated[
    str | None, typer.Option("--project", metavar="NAME", help="The plan's project. Default: the repository's name.", show_default=False)
]


@dataclass(frozen=True)
class Destination:
    """``output`` is a new file; ``merge`` a plan that is there, which is written in place unless there is an ``output`` too.

    What is not ``is_whole`` is printed or written all the same, with its gaps marked; it is merged with no plan.
    """

    output: str | None = None
    merge: str | None = None
    as_json: bool = False
    is_whole: bool = True


@dataclass(frozen=True)
class Ground:
    """The repository that a plan is made for, and what its files tell of its checks."""

    repository: "Repository"
    base: "BaseTree"
    tests: "tuple[ProjectTests, ...]"

    @classmethod
    def at(cls, repo: Path) -> "Ground":
        from autopack.planning.project_tests import recognise_tests
        from autopack.settings.environment import inherited_environment
        from autopack.worktree.base_tree import BaseTree
        from autopack.worktree.repository import Repository

        repository = Repository.discover(repo, inherited_environment())
        base = BaseTree(repository.git, repository.resolve("HEAD"))
        return cls(repository, base, recognise_tests(repository.top, base.entries.keys()))

    @property
    def terrain(self) -> "Terrain":
        """The plain files, for whoever looks for places in them."""
        from autopack.planning.templates.fit import Terrain

        entries = self.base.entries.items()
        sizes = {path: entry.size for path, entry in entries if entry.size is not None and entry.mode.startswith("100")}
        return Terrain(sizes, lambda paths: {path: decoded.text for path, decoded in self.base.texts(paths).items()})

    def head(self, project: str | None, goal: str, phase_keys: "Mapping[str, Any]") -> dict[str, Any]:
        """What a plan of this project begins with: the check that was recognised, and what it needs."""
        from autopack.planning.project_check import check_of, workspace_of

        tests = self.tests[0] if self.tests else None
        if tests is None:
            note("note: no tests were recognised; write the command that shows that the project works into the plan's `defaults.ci`.")
        defaults = {**phase_keys, "ci": {**check_of(tests), **phase_keys.get("ci", {})}}
        workspace = workspace_of(tests, has_submodules=bool(self.base.submodules))
        return {"project": project, "goal": goal, "workspace": workspace, "defaults": defaults}


def hand_out(draft: "PlanDraft", to: Destination, top: Path, extra: "Mapping[str, Any]") -> None:
    """Prints or writes the plan and says where it went. ``extra`` stands beside it in JSON.

    Raises:
        InvalidInputError: the plan to merge with cannot be used, or what came of merging cannot.
        UsageError: the output is there already.
    """
    from autopack.planning.phase_draft import plan_text
    from autopack.planning.yaml_writing import bare

    if to.merge is not None and to.is_whole:
        _merge(draft, to, top, extra)
        return
    text = plan_text(draft)
    if to.output is not None:
        from autopack.planning.write_plan import write_new_plan

        write_new_plan(Path(to.output).absolute(), text)
    if to.as_json:
        print_json({"schema": SCHEMA, "written": to.output, "plan": bare(draft.document), **extra})
    elif to.output is None:
        typer.echo(text, nl=False)
    else:
        many = counted(len(draft.phases), "phase")
        note(f"wrote {to.output}: {many}", next_command=f"autopack plan check {to.output}")


def _merge(draft: "PlanDraft", to: Destination, top: Path, extra: "Mapping[str, Any]") -> None:
    from autopack.planning.merge import merge_into
    from autopack.planning.plan_file import PlanSource, find_plan, load_plan
    from autopack.planning.write_plan import replace_plan, write_new_plan

    source = find_plan(top, to.merge)
    load_plan(source.as_written, top.name)
    merged = merge_into(source, draft)
    load_plan(PlanSource(source.path, merged.text, f"{source.name}, merged,").as_written, top.name)
    if to.output is not None:
        write_new_plan(Path(to.output).absolute(), merged.text)
    elif merged.added:
        replace_plan(source, merged.text)
    file = to.output or source.name
    if to.as_json:
        print_json(
            {"schema": SCHEMA, "written": file if merged.added or to.output else None, "added": merged.added, "kept": merged.kept, **extra}
        )
        return
    kept = f"; kept as they are: {', '.join(merged.kept)}" if merged.kept else ""
    note(f"{file}: {', '.join(merged.added) or 'nothing'} added{kept}", next_command=f"autopack plan check {file}")
